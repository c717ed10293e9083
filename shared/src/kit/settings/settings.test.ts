import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  addressKind,
  choiceKind,
  durationKind,
  integerKind,
  listKind,
  pathKind,
  planStart,
  readSettings,
  ruleOver,
  setting,
  settingsHelp,
  settingsTable,
  switchKind,
  textKind,
  urlKind,
} from './index.ts';

const table = {
  apiListen: setting(addressKind, { fallback: '127.0.0.1:7440', doc: 'Where the API listens.' }),
  pollIntervalMs: setting(durationKind(1_000, 3_600_000), {
    fallback: '30s',
    doc: 'Pause between two looks at Git.',
  }),
  logLevel: setting(choiceKind(['info', 'debug']), { fallback: 'info', doc: 'How much is logged.' }),
  dataDir: setting(pathKind, { doc: 'Folder of keys and stores.' }),
  plain: setting(switchKind, { fallback: 'false', doc: 'Without colours.' }),
  loopbackHosts: setting(listKind(textKind('HOST')), { fallback: '', doc: 'Hosts that may be plain http.' }),
  natsUrl: setting.optional(urlKind(['nats:', 'tls:']), { doc: 'An external bus.' }),
  workers: setting(integerKind(1, 64), { fallback: '4', doc: 'Rows at a time.' }),
};

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-settings-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function read(args: readonly string[], env: Record<string, string> = {}, file?: string) {
  if (file !== undefined) await writeFile(join(folder, 'hub.yaml'), file);
  const config = file === undefined ? [] : ['--config', join(folder, 'hub.yaml')];
  return await readSettings(table, { args: [...config, ...args], env });
}

async function values(...given: Parameters<typeof read>) {
  const outcome = await read(...given);
  if (outcome.kind === 'mistakes') throw new Error(outcome.mistakes.join('\n'));
  return outcome.values;
}

async function mistakes(...given: Parameters<typeof read>) {
  const outcome = await read(...given);
  return outcome.kind === 'mistakes' ? outcome.mistakes : [];
}

test('defaults fill everything that is not given, and the result is frozen', async () => {
  const read = await values(['--data-dir', '/var/lib/flotilla']);
  expect(read).toEqual({
    apiListen: { host: '127.0.0.1', port: 7_440 },
    pollIntervalMs: 30_000,
    logLevel: 'info',
    dataDir: '/var/lib/flotilla',
    plain: false,
    loopbackHosts: [],
    natsUrl: undefined,
    workers: 4,
  });
  expect(Object.isFrozen(read)).toBe(true);
});

test('flags win over the environment, the environment over the file', async () => {
  const file = 'data-dir: /file\nworkers: 1\nlog-level: debug\nloopback-hosts: [a, b]\nplain: true\n';
  const env = { FLOTILLA_DATA_DIR: '/env', FLOTILLA_WORKERS: '2', FLOTILLA_UNRELATED_THING: 'x' };
  const read = await values(['--workers=3', '--no-plain'], env, file);
  expect(read).toMatchObject({
    dataDir: '/env',
    workers: 3,
    logLevel: 'debug',
    loopbackHosts: ['a', 'b'],
    plain: false,
  });
});

test('lists take commas and repeated flags', async () => {
  const read = await values(['--data-dir=/x', '--loopback-hosts', 'a,b', '--loopback-hosts=c']);
  expect(read.loopbackHosts).toEqual(['a', 'b', 'c']);
});

test('all mistakes are told at once, each with where it was written', async () => {
  const found = await mistakes(
    ['--pol-interval', '3s', '--workers=99', 'stray'],
    { FLOTILLA_LOG_LEVEL: 'loud' },
    'api-listn: x\nnats-url: {a: b}\npoll-interval: 3x\n',
  );
  expect(found).toEqual([
    expect.stringMatching(/^file .*hub\.yaml: setting api-listn is not known; did you mean api-listen\?$/),
    expect.stringMatching(/^file .*hub\.yaml: setting nats-url must be a plain value$/),
    'flag --pol-interval is not known; did you mean --poll-interval?',
    'argument "3s" is not expected here',
    'argument "stray" is not expected here',
    expect.stringMatching(/^poll-interval is wrong: "3x" is not a duration such as .* \(file .*hub\.yaml\)$/),
    'log-level is none of info, debug: "loud" (environment variable FLOTILLA_LOG_LEVEL)',
    'data-dir is missing: give --data-dir PATH or set FLOTILLA_DATA_DIR',
    'workers is not a whole number from 1 to 64: "99" (flag --workers)',
  ]);
});

test('a flag without its value, a missing file and broken YAML are mistakes', async () => {
  expect(await mistakes(['--data-dir'])).toContain('flag --data-dir needs a value (PATH)');
  expect(await mistakes(['--config', join(folder, 'none.yaml')])).toContainEqual(
    expect.stringMatching(/^file .*none\.yaml cannot be read: .*ENOENT/),
  );
  expect(await mistakes([], {}, 'a: [1')).toContainEqual(expect.stringMatching(/cannot be read: .*line 1/));
  expect(await mistakes([], {}, '- a')).toContainEqual(expect.stringMatching(/is not a list of/));
});

test('an unknown variable near a known one is remarked upon, one that Kubernetes sets is not', async () => {
  const env = { FLOTILLA_WORKRES: '3', FLOTILLA_HUB_PORT: 'tcp://10.0.0.1:7440' };
  const outcome = await read(['--data-dir=/x'], env);
  expect(outcome.kind).toBe('read');
  expect(outcome.remarks).toEqual([
    'environment variable FLOTILLA_WORKRES is not known; did you mean FLOTILLA_WORKERS?',
  ]);
});

test.each([
  ['--api-listen=:7440', { host: '::', port: 7_440 }],
  ['--api-listen=[::1]:0', { host: '::1', port: 0 }],
  ['--api-listen=localhost:80', { host: 'localhost', port: 80 }],
])('%s is an address', async (flag, address) => {
  expect((await values(['--data-dir=/x', flag])).apiListen).toEqual(address);
});

test.each([
  '--api-listen=7440',
  '--api-listen=host:70000',
  '--nats-url=http://x',
  '--nats-url=nats://bob:secret@x:4222',
  '--poll-interval=1ms',
  '--plain=yes',
])('%s is refused without repeating a secret', async (flag) => {
  const found = await mistakes(['--data-dir=/x', flag]);
  expect(found).toHaveLength(1);
  expect(found[0]).not.toContain('secret');
});

test('--help names every setting with flag, variable, default and meaning; the manual has the same', () => {
  const help = settingsHelp(table, { usage: 'flotilla-hub serve [flags]', summary: 'Runs the hub.' });
  expect(help).toContain(
    '--poll-interval DURATION   FLOTILLA_POLL_INTERVAL\n      Pause between two looks at Git. Default: 30s.',
  );
  expect(help).toContain('Must be given.');
  expect(help.split('\n').every((line) => line.length <= 100)).toBe(true);
  for (const key of ['poll-interval', 'nats-url', 'plain'])
    expect(settingsTable(table)).toContain(`| \`${key}\` |`);
});

const help = { usage: 'flotilla-hub serve [flags]', summary: 'Runs the hub.' };

test('--help is answered whatever else is wrong', async () => {
  const plan = await planStart(table, { args: ['--nonsense', '--help'], env: {}, help });
  expect(plan).toEqual({ kind: 'print', text: settingsHelp(table, help) });
});

const rule = ruleOver(table);
const rules = [
  rule(['workers', 'plain'], ({ workers }, from) =>
    workers > 8 ? `workers are too many together (${from('workers')})` : undefined,
  ),
  rule(['natsUrl'], (_, from) => [`an external bus is ${from('natsUrl')}`]),
];

test('--check-config tells every mistake at once, or that there is none', async () => {
  const plan = (...args: readonly string[]) =>
    planStart(table, { args: ['--check-config', ...args], env: {}, help, rules: rules.slice(0, 1) });
  expect(await plan('--data-dir=/x')).toEqual({ kind: 'print', text: 'the configuration is good\n' });
  expect(await plan('--workers=x')).toEqual({
    kind: 'refuse',
    text: [
      'the configuration has 2 mistakes:',
      '  data-dir is missing: give --data-dir PATH or set FLOTILLA_DATA_DIR',
      '  workers is not a whole number from 1 to 64: "x" (flag --workers)',
      'every setting is explained by --help',
      '',
    ].join('\n'),
  });
});

test('rules are asked whatever is wrong with other settings, unless one that they look at was not read', async () => {
  const found = async (...args: readonly string[]) => {
    const plan = await planStart(table, { args, env: {}, help, rules });
    return plan.kind === 'refuse' ? plan.text.split('\n').slice(1, -2) : [];
  };
  expect(await found('--workers=9', '--poll-interval=x')).toEqual([
    expect.stringMatching(/^ {2}poll-interval is wrong/),
    expect.stringMatching(/^ {2}data-dir is missing/),
    '  workers are too many together (flag --workers)',
    '  an external bus is not given',
  ]);
  expect((await found('--workers=9', '--plain=x', '--nats-url=x', '--data-dir=/x')).join()).not.toMatch(
    /together|external/,
  );
  const missing = join(folder, 'none.yaml');
  expect(await found('--workers=9', '--config', missing)).toEqual([
    expect.stringMatching(/^ {2}file .*none\.yaml cannot be read/),
  ]);
});

test('files and words that a running program can do without are looked into by --check-config alone', async () => {
  const inspect = async () => ['the join line is cut'];
  const options = { env: {}, help, inspect };
  expect(await planStart(table, { ...options, args: ['--data-dir=/x'] })).toMatchObject({ kind: 'run' });
  const checked = await planStart(table, { ...options, args: ['--check-config', '--workers=x'] });
  expect(checked).toMatchObject({
    kind: 'refuse',
    text: expect.stringMatching(/3 mistakes:\n {2}data-dir.*\n {2}workers.*\n {2}the join line is cut\n/),
  });
});

test('without these flags the program runs with its settings, or refuses to', async () => {
  const options = { env: {}, help };
  expect(await planStart(table, { ...options, args: ['--data-dir=/x'] })).toMatchObject({
    kind: 'run',
    settings: { dataDir: '/x' },
    remarks: [],
  });
  expect(await planStart(table, { ...options, args: [] })).toMatchObject({ kind: 'refuse' });
});
