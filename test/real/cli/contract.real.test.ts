import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { clusterItem, FakeHubApi, fakeFacts, waitingCommit } from '../../fakes/hub-api/index.ts';
import type { ChildOutcome } from '../../tools/child.ts';
import { type BuiltCli, buildCli, type CliWorld, startCliWorld } from './cli-world.ts';

let built: BuiltCli;
let world: CliWorld;

beforeAll(async () => {
  built = await buildCli();
});

afterAll(() => built[Symbol.asyncDispose]());

beforeEach(async () => {
  world = await startCliWorld(built);
});

afterEach(() => world[Symbol.asyncDispose]());

function jsonOf({ stdout }: ChildOutcome): { readonly kind: string; readonly [key: string]: unknown } {
  return JSON.parse(stdout);
}

const formats = ['json', 'yaml'] as const;

describe('the command line', () => {
  it('prints data on stdout and nothing on stderr when all is said', async () => {
    const listed = await world.run('get', 'clusters');

    expect(listed.code).toBe(0);
    expect(listed.stderr).toBe('');
    expect(listed.stdout.split('\n')[0]).toBe('NAME  STATE     READY  SEEN    NOTE  REASON');
    expect(listed.stdout).toContain('us-1  Unknown     0/1  6m ago');
  });

  it.each([
    ['get', 'clusters'],
    ['get', 'clusters', 'eu-1'],
    ['get', 'placements', 'checkout'],
    ['get', 'assignments', 'eu-1/checkout'],
    ['get', 'rollouts', 'checkout-7'],
    ['describe', 'placement', 'checkout'],
    ['why', 'eu-2', 'checkout'],
    ['why-not', 'us-2', 'ingress'],
    ['status'],
    ['version'],
    ['cluster', 'join-command', 'eu-9'],
    ['cluster', 'remove', 'eu-1', '--yes'],
    ['source', 'accept', 'control', waitingCommit.slice(0, 12)],
  ])('prints pure JSON for %s %s %s', async (...words) => {
    const outcome = await world.run(...words, '-o', 'json');
    expect(outcome.code).toBe(0);
    expect(jsonOf(outcome)['apiVersion']).toBe('flotilla.dev/v1alpha1');
  });

  it.each([
    [2, 'FLT-1001', ['get', 'colours']],
    [2, 'FLT-1001', ['get', 'clusters', '--colour']],
    [2, 'FLT-1001', ['nothing']],
    [2, 'FLT-1001', ['describe', 'assignment', 'eu-1']],
    [2, 'FLT-1001', ['cluster', 'join-command', 'Not_A_Name']],
    [2, 'FLT-1001', ['cluster', 'join-command', 'eu-1', '--rejoin', '-l', 'env=prod']],
    [2, 'FLT-1001', ['source', 'accept', 'control', 'main']],
    [2, 'FLT-1006', ['cluster', 'remove', 'eu-1']],
    [2, 'FLT-2005', ['get', 'clusters', '-l', 'a=b=c']],
    [2, 'FLT-2005', ['get', 'clusters', '--field', 'state=Red']],
    [3, 'FLT-3001', ['get', 'clusters', 'eu-7']],
    [3, 'FLT-3001', ['cluster', 'join-command', 'eu-7', '--rejoin']],
    [3, 'FLT-3003', ['describe', 'assignment', 'eu-7/checkout']],
    [3, 'FLT-4001', ['cluster', 'join-command', 'eu-1']],
    [3, 'FLT-4002', ['source', 'accept', 'control', '0123456']],
    [6, 'FLT-1004', ['status', '--hub', 'http://127.0.0.1:1', '--token-file', 'TOKEN']],
    [7, 'FLT-2001', ['status', '--hub', 'HUB', '--token-file', 'FOREIGN']],
    [2, 'FLT-1002', ['status', '--data-dir', '/nonexistent']],
  ])(
    'ends with %i and %s for %j, pure JSON on stdout, a message for people on stderr',
    async (code, id, words) => {
      const places: Readonly<Record<string, string>> = {
        TOKEN: `${world.dataDir}/admin-token`,
        FOREIGN: `${world.dataDir}/cli-context.json.foreign`,
        HUB: `http://127.0.0.1:${world.port}`,
      };
      await writeFile(places['FOREIGN'] ?? '', 'x'.repeat(43));
      const outcome = await world.run(...words.map((word) => places[word] ?? word), '-o', 'json');

      expect(outcome.code).toBe(code);
      expect(jsonOf(outcome)).toMatchObject({ kind: 'Error', error: { code: id, exitCode: code } });
      expect(outcome.stderr).toContain(`(${id})`);
      expect(outcome.stderr).toMatch(/^(?:.*\n)?error: /);
    },
  );

  it('asks for a token with which a registered cluster joins again', async () => {
    const outcome = await world.run('cluster', 'join-command', 'eu-1', '--rejoin', '--only', 'line');

    expect(outcome.code).toBe(0);
    expect(outcome.stdout).toMatch(/^127\.0\.0\.1:7444\/flt1\.\S+\n$/);
    expect(world.api.actions).toMatchObject([{ kind: 'token', request: { name: 'eu-1', isRejoin: true } }]);
  });

  it.each(formats)('is told of a hub that is starting, with -o %s', async (format) => {
    const reason = { code: 'LogUnread', text: 'the decision log is read to 40 of 42', subject: 'log' };
    world.api.setFacts((facts) => ({ ...facts, hub: { ...facts.hub, notReady: [reason] } }));

    const outcome = await world.run('get', 'clusters', '-o', format);

    expect(outcome.code).toBe(6);
    expect(outcome.stdout).toContain('FLT-5001');
    expect(outcome.stderr).toContain('why:   the decision log is read to 40 of 42');
    const status = await world.run('status');
    expect(status.stdout).toContain('cannot speak for the fleet yet: the decision log is read to 40 of 42');
  });

  it('calls itself as it was called by kubectl', async () => {
    const plugin = join(world.dataDir, 'kubectl-flotilla');
    await symlink(built.path, plugin);

    const outcome = await world.runAs(plugin, {}, 'get', 'clusters', 'eu-7');

    expect(outcome.stderr).toContain('next:  kubectl flotilla get clusters');
  });

  it('colours on demand only', async () => {
    const plain = await world.run('get', 'clusters');
    const coloured = await world.runAs(built.path, { FORCE_COLOR: '1' }, 'get', 'clusters');
    const forbidden = await world.runAs(built.path, { FORCE_COLOR: '1', NO_COLOR: '1' }, 'get', 'clusters');

    expect(coloured.stdout).toContain('\u001b[31mDegraded\u001b[39m');
    expect(plain.stdout).not.toContain('\u001b[');
    expect(forbidden.stdout).toBe(plain.stdout);
  });
});

describe('a long list', () => {
  async function serveMany(count: number): Promise<FakeHubApi> {
    const api = new FakeHubApi();
    for (let number = 0; number < count; number += 1) {
      const state = number % 100 === 0 ? 'Degraded' : 'Ready';
      api.put('clusters', clusterItem(`c-${number}`, { state }));
    }
    await world.stop();
    await world.serve(api);
    return api;
  }

  it('is counted instead of printed, with causes, an example and the command that lists', async () => {
    await serveMany(1_200);

    const { stdout } = await world.run('get', 'clusters');

    expect(stdout.split('\n').length).toBeLessThan(20);
    expect(stdout).toContain('1,200 clusters\n  Ready     1,188\n  Degraded     12\n');
    expect(stdout).toContain('12 × CrashLoopBackOff');
    expect(stdout).toContain(
      '  flotilla get clusters --field state=Degraded\n  flotilla get clusters --all\n',
    );
  });

  it('is printed whole on demand, in pages, each item once', async () => {
    await serveMany(1_200);

    const names = (await world.run('get', 'clusters', '-o', 'name')).stdout.trim().split('\n');
    expect(new Set(names).size).toBe(1_200);
    expect(
      (await world.run('get', 'clusters', '--all', '--no-headers')).stdout.trim().split('\n'),
    ).toHaveLength(1_200);
    const json = jsonOf(await world.run('get', 'clusters', '-o', 'json'));
    expect(json.kind).toBe('List');
    expect(json['items']).toHaveLength(1_200);
    const some = await world.run('get', 'clusters', '--limit', '7', '--no-headers');
    expect(some.stdout.trim().split('\n')).toHaveLength(7);
    expect(some.stderr).toBe('1193 more; --all lists them\n');
  });

  it('that breaks off in the middle is still JSON, and says so', async () => {
    const api = await serveMany(1_200);
    const items = api.items.bind(api);
    // The hub goes away after the first page.
    api.items = (kind, of) => {
      if (of.after !== undefined) void world.stop();
      return items(kind, of);
    };

    const outcome = await world.run('get', 'clusters', '-o', 'json');

    const { items: printed, error } = jsonOf(outcome) as unknown as {
      items: unknown[];
      error: { code: string };
    };
    expect(outcome.code).toBe(6);
    expect(printed.length).toBeLessThan(1_200);
    expect(error.code).toBe('FLT-1004');
  });
});

describe('honesty', () => {
  it('warns beside a list when the bus is away, and shows no cluster as worse for it', async () => {
    const bus = { isConnected: false, sinceMs: fakeFacts.bus.sinceMs, text: 'connection refused' };
    world.api.setFacts((facts) => ({ ...facts, bus }));

    const listed = await world.run('get', 'clusters');

    expect(listed.stderr).toBe(
      'warning: the bus is away for 1h (connection refused): states of clusters are as of then, the clusters go on\n',
    );
    expect(listed.code).toBe(0);
  });

  it('asks for the worst with --exit-code', async () => {
    expect((await world.run('status', '--exit-code')).code).toBe(3);
    world.api.put('clusters', clusterItem('eu-2'));
    for (const { metadata } of world.api.items('placements', {})) world.api.drop('placements', metadata.name);
    expect((await world.run('status', '--exit-code')).code).toBe(8);
    world.api.put('clusters', clusterItem('us-1'));
    expect((await world.run('status', '--exit-code')).code).toBe(0);
    const held = { code: 'NonFastForward', text: 'main was rewritten', subject: 'control' };
    world.api.setFacts((facts) => ({ ...facts, control: { ...facts.control, held: [held] } }));
    expect((await world.run('status', '--exit-code')).code).toBe(5);
  });

  it('shows text of agents without its control characters', async () => {
    const evil = clusterItem('eu-1', { state: 'Degraded' });
    const reason = { code: 'X', text: 'red \u001b[31malert\u001b]0;title\u0007', subject: 'eu-1' };
    world.api.put('clusters', { ...evil, status: { ...evil.status, reason } });
    for (const output of ['table', 'json', 'yaml']) {
      const { stdout } = await world.run('get', 'clusters', 'eu-1', '-o', output);
      expect(stdout).not.toMatch(/[^\P{Cc}\n]/u);
    }
  });
});
