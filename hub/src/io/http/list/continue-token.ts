import { err, ok, type Result } from '@flotilla/shared/base';
import type { ItemKind } from '@flotilla/shared/model';

/** What a page continues: the same list, after this name. */
export interface Continuation {
  readonly kind: ItemKind;
  /** The selectors as text: a page of another list is refused. */
  readonly selectors: string;
  readonly after: string;
}

/** An opaque text for `continue`. Not a secret and not signed: it names nothing that the list does not show. */
export function formatContinue({ kind, selectors, after }: Continuation): string {
  return Buffer.from(JSON.stringify([1, kind, selectors, after])).toString('base64url');
}

/** Reads `continue` for a list; the error is a clause. */
export function parseContinue(
  text: string,
  expected: { readonly kind: ItemKind; readonly selectors: string },
): Result<string, string> {
  const parts = decode(text);
  if (parts === undefined) return err('is not what this hub gave as "continue"');
  const [version, kind, selectors, after] = parts;
  if (version !== 1 || typeof after !== 'string') return err('is of another version of the hub');
  if (kind !== expected.kind || selectors !== expected.selectors) {
    return err('belongs to a list with another kind or other selectors');
  }
  return ok(after);
}

function decode(text: string): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    return Array.isArray(value) && value.length === 4 ? value : undefined;
  } catch {
    return undefined;
  }
}
