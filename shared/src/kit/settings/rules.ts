import type { SettingsTable, SettingsValues } from './setting.ts';

/** The settings as far as they could be read: a mistake in one is no reason to be silent about the others. */
export interface SettingsReading<Table extends SettingsTable> {
  /** Only those whose text was good. */
  readonly values: Partial<SettingsValues<Table>>;
  /** Whether a setting was read, be it to undefined because it may be left out. */
  readonly isRead: (key: keyof Table & string) => boolean;
  /** Where it was written, for messages: `flag --join`, `file hub.yaml`, `default`; `not given`. */
  readonly from: (key: keyof Table & string) => string;
}

/** Looks at settings together; the mistakes it finds, each with the setting's name, where it was written, and what to do. */
export type SettingsRule<Table extends SettingsTable> = (
  reading: SettingsReading<Table>,
) => readonly string[];

/** Makes rules over a table. */
export function ruleOver<Table extends SettingsTable>(_table: Table) {
  /** A rule that is asked only when every setting it looks at was read. */
  return function rule<Key extends keyof Table & string>(
    keys: readonly Key[],
    judge: (
      values: Pick<SettingsValues<Table>, Key>,
      from: (key: Key) => string,
    ) => readonly string[] | string | undefined,
  ): SettingsRule<Table> {
    return ({ values, isRead, from }) => {
      if (!keys.every(isRead)) return [];
      // Every key that the rule names was read a line above.
      const found = judge(values as Pick<SettingsValues<Table>, Key>, from) ?? [];
      return typeof found === 'string' ? [found] : found;
    };
  };
}
