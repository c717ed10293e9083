import { environmentName, flagName, type Setting, type SettingsTable, settingName } from './setting.ts';

/** What stands around the settings in `--help`. */
export interface HelpOptions {
  /** `flotilla-hub serve [flags]`. */
  readonly usage: string;
  readonly summary: string;
}

const width = 100;

/** The text of `--help`: every setting with its flag, environment variable, default and meaning. */
export function settingsHelp(table: SettingsTable, options: HelpOptions): string {
  const lines = [
    `usage: ${options.usage}`,
    '',
    ...wrap(options.summary, ''),
    '',
    'settings (flag, environment variable; in the file given by --config PATH: the name without --):',
  ];
  for (const [key, setting] of Object.entries(table)) {
    const head = [flagName(key), setting.placeholder].filter((word) => word !== '').join(' ');
    lines.push(`  ${head}   ${[environmentName(key), ...setting.standardVariables].join(', ')}`);
    lines.push(...wrap(`${setting.doc} ${defaultText(setting)}`.trim(), '      '));
  }
  lines.push(
    '  --config PATH   FLOTILLA_CONFIG',
    '      YAML file of settings. Flags win over the environment, the environment over the file.',
    '  --check-config',
    '      Reads all settings, tells every mistake at once and ends.',
    '  --help',
  );
  return `${lines.join('\n')}\n`;
}

/** The settings as a Markdown table, for a package's manual. */
export function settingsTable(table: SettingsTable): string {
  const rows = Object.entries(table).map(([key, setting]) => {
    const value = setting.placeholder === '' ? 'true or false' : setting.placeholder.replaceAll('|', ', ');
    return `| \`${settingName(key)}\` | ${value} | ${setting.fallback === undefined ? '' : `\`${setting.fallback}\``} | ${setting.doc} |`;
  });
  return ['| setting | value | default | meaning |', '|---|---|---|---|', ...rows, ''].join('\n');
}

function defaultText(setting: Setting<unknown>): string {
  if (setting.fallback !== undefined)
    return `Default: ${setting.fallback === '' ? 'empty' : setting.fallback}.`;
  return setting.isOptional ? '' : 'Must be given.';
}

function wrap(text: string, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(' ')) {
    if (line.length + word.length + 1 > width && line !== indent) {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += line === indent ? word : ` ${word}`;
  }
  return [...lines, line];
}
