import { existsSync } from 'node:fs';
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatProblem, renderManifests } from '@flotilla/agent/core';
import { describe, expect, it } from 'vitest';
import { rootFolder } from '../../tools/paths.ts';
import { readByKubectl } from './kubectl.ts';

const none = { patches: [], variables: {}, clusterName: 'eu-1' };

/** What the agent reads from manifests, or the first thing that is wrong with them. */
function readByAgent(content: string | Uint8Array): readonly unknown[] | string {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const steps = renderManifests([{ path: 'a.yaml', bytes }], none);
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done !== true) continue;
    const { value } = step;
    return value.kind === 'objects'
      ? value.objects.map(({ object }) => withoutEmpty(JSON.parse(JSON.stringify(object))))
      : value.problems.map(formatProblem).join('\n');
  }
}

/** Empty annotations and none are the same to everybody; the mark of the comparison cannot tell them apart. */
function withoutEmpty(value: unknown): unknown {
  const { metadata, ...object } = value as { metadata: { annotations?: object | null } };
  const { annotations, ...rest } = metadata;
  const isEmpty = Object.keys(annotations ?? {}).length === 0;
  return { ...object, metadata: isEmpty ? rest : metadata };
}

const head = 'apiVersion: example.org/v1\nkind: Thing\nmetadata: {name: a}\n';
const spec = (text: string) => `${head}spec:\n${text.replace(/^/gm, '  ')}\n`;
const scalars = (...texts: readonly string[]) =>
  spec(texts.map((text, index) => `k${index}: ${text}`).join('\n'));

const alike: Readonly<Record<string, string>> = {
  'booleans of YAML 1.1': scalars(...'yes no on off Yes NO On oFF true False TRUE y n Y N yEs'.split(' ')),
  'numbers in every base': scalars('017', '0o17', '0x1F', '0b101', '-017', '+12', '1_000', '08', '019', '0'),
  'numbers with a point or an exponent': scalars(
    '1.0',
    '1e3',
    '1E+2',
    '.5',
    '5.',
    '-0.0',
    '1.5e-3',
    '12e03',
    '1e',
  ),
  'nothing, in every spelling': scalars('~', 'null', 'Null', 'NULL', '', '"null"', 'nULL'),
  'times and what looks like them': scalars(
    '2026-01-02',
    '2026-01-02T03:04:05Z',
    '12:30:45',
    '190:20:30',
    '1:2',
  ),
  'versions and other names': scalars(
    '1.2.3',
    'v1',
    '1.10',
    '"1.10"',
    '=',
    '<',
    '0.1.',
    '1-2',
    '1 2',
    '_1',
    '1_',
  ),
  'texts in quotes': scalars('"a\\tb\\u00e9\\x41"', "'it''s'", '"a\\\n    b"'),
  'block texts': spec('a: |\n  x\n   y\n\n  z\nb: >-\n  x\n  y\n\n  z\nc: |+\n  x\n\nd: |2\n    x\ne: ""'),
  'anchors and aliases': spec('a: &x {p: [1, 2]}\nb: *x\nc: [*x, *x]'),
  'merges, one and several': spec(
    'a: &x {p: 1, q: 2}\nb: &y {q: 3, r: 4}\nc: {<<: *x, q: 9}\nd: {<<: [*x, *y]}',
  ),
  tags: spec('a: !!str 12\nb: !!int "12"\nc: !!binary aGVsbG8=\nd: !!float 1.5\ne: !!bool "true"'),
  'keys that are no texts': spec('1: a\ntrue: b\n1.5: c\nno: d\n017: e'),
  'flow and comments': spec('a: {b: [1, {c: d}], "e": f} # end\n# between\ng: [] #'),
  'a tab after a value': spec('a: b\t\nc: "d"\t# x'),
  'documents, some of them empty': `# licence\n---\n---\n${head}---  \n# nothing\n---\n${head.replace('name: a', 'name: b')}`,
  'a separator with a comment': `${head}--- # next\n${head.replace('name: a', 'name: b')}`,
  'an end of a document': `${head}...\n---\n${head.replace('name: a', 'name: b')}`,
  'lines as Windows ends them': spec('a: |\n  x\n  y\nb: c').replaceAll('\n', '\r\n'),
  'a mark of the byte order': `\ufeff${head}`,
  'letters beyond the first plane': spec('a: "😀"\nb: 😀 é\n"ключ": значение'),
  'a list': `apiVersion: v1\nkind: List\nitems:\n- ${JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' } })}\n`,
  JSON: JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: { n: 1.5, b: false },
  }),
  'JSON with tabs': '{\n\t"apiVersion": "v1",\n\t"kind": "Pod",\n\t"metadata": {"name": "p"}\n}',
  'no end of the last line': head.trimEnd(),
};

const refusedByBoth: Readonly<Record<string, string>> = {
  'a tab as indentation': `${head}spec:\n\ta: b\n`,
  'a mapping within a text': `${head}spec: a: b\n`,
  'an alias of nothing': spec('a: *gone'),
  'no end of a quote': spec('a: "b'),
  infinity: spec('a: .inf'),
  'no number': spec('a: .nan'),
  'a directive': `%YAML 1.1\n---\n${head}`,
  'no kind': 'apiVersion: v1\nmetadata: {name: a}\n',
  'no mapping': '- a\n- b\n',
};

/** What kubectl lets pass and the agent does not, because it would apply something else than people read. */
const refusedByUs: Readonly<Record<string, readonly [text: string, says: string]>> = {
  'a key twice': [spec('a: 1\na: 2'), 'unique'],
  'a number that JSON changes': [spec('a: 12345678901234567890'), 'too large to be carried exactly'],
  'a number beyond that with an exponent': [spec('a: 6.0221e23'), 'too large to be carried exactly'],
  'a tag that does not fit': [spec('a: !!float 1'), 'Unresolved tag'],
  'a key of the language': [spec('__proto__: {a: 1}'), '__proto__'],
};

/** What is of YAML 1.2 alone, and means the same to everybody who reads it. */
const refusedByKubectl: Readonly<Record<string, readonly [text: string, value: string]>> = {
  'a slash with a backslash, as JSON has it': [spec('a: "\\/"'), '/'],
};

describe('manifests as the agent and kubectl read them', () => {
  it.each(Object.entries(alike))('alike: %s', async (_what, text) => {
    expect(readByAgent(text)).toEqual(await readByKubectl(text));
  });

  it.each(Object.entries(refusedByBoth))('refused by both: %s', async (_what, text) => {
    expect([typeof readByAgent(text), typeof (await readByKubectl(text))]).toEqual(['string', 'string']);
  });

  it.each(Object.entries(refusedByUs))(
    'refused by the agent alone, and why: %s',
    async (_what, [text, says]) => {
      expect(readByAgent(text)).toEqual(expect.stringContaining(says));
      expect(await readByKubectl(text)).not.toEqual(expect.any(String));
    },
  );

  it.each(Object.entries(refusedByKubectl))('refused by kubectl alone: %s', async (_what, [text, value]) => {
    expect(readByAgent(text)).toMatchObject([{ spec: { a: value } }]);
    expect(await readByKubectl(text)).toEqual(expect.any(String));
  });
});

/** Sets of public projects, where the machine has them; our own examples everywhere. */
const folders = [
  join(rootFolder, 'deploy'),
  ...[process.env['FLOTILLA_CORPUS'], join(rootFolder, '../shared/corpus/manifests')].filter(
    (one) => one !== undefined && existsSync(one),
  ),
];

describe('whole sets', () => {
  it.each(folders)(
    'are read alike, file by file: %s',
    async (folder) => {
      let compared = 0;
      for await (const name of glob('**/*.{yaml,yml,json}', { cwd: folder ?? '' })) {
        const content = await readFile(join(folder ?? '', name));
        const ours = readByAgent(content);
        // Kustomizations, values and our own rules without a name are none of kubectl's.
        if (typeof ours === 'string') continue;
        compared += 1;
        expect({ name, objects: ours }).toEqual({ name, objects: await readByKubectl(content) });
      }
      expect(compared).toBeGreaterThan(20);
    },
    300_000,
  );
});
