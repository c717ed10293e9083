import type { DefinedMetric } from '@flotilla/shared/kit';

/**
 * A manual with its generated sections as they should be: what stands between `<!-- generated: NAME -->` and
 * `<!-- end of NAME -->` is replaced. Throws when the manual lacks one.
 */
export function fillManual(manual: string, sections: Readonly<Record<string, string>>): string {
  return Object.entries(sections).reduce((text, [name, body]) => {
    const [from, to] = [`<!-- generated: ${name} -->\n`, `<!-- end of ${name} -->`];
    const start = text.indexOf(from);
    const end = text.indexOf(to);
    if (start < 0 || end < start) throw new Error(`the manual has no section ${name}`);
    return `${text.slice(0, start + from.length)}${body.trimEnd()}\n${text.slice(end)}`;
  }, manual);
}

/** Metrics as a Markdown table, in the order of their names. */
export function metricsTable(defined: readonly DefinedMetric[]): string {
  const rows = [...defined]
    .sort((left, right) => (left.name < right.name ? -1 : 1))
    .map(({ help, kind, labels = [], name }) => {
      const shown = labels.length === 0 ? '' : labels.map((label) => `\`${label}\``).join(', ');
      return `| \`${name}\` | ${kind} | ${shown} | ${help} |`;
    });
  return ['| metric | kind | labels | meaning |', '|---|---|---|---|', ...rows].join('\n');
}
