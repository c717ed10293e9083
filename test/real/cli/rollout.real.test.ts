import type { RolloutItem } from '@flotilla/shared/model';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { placementItem, rolloutItem } from '../../fakes/hub-api/index.ts';
import { type BuiltCli, buildCli, type CliWorld, type RunningCli, startCliWorld } from './cli-world.ts';

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

const shows = (text: string) => (running: RunningCli) => running.stdout.includes(text);

/** The running rollout of ingress, whose cluster is well, with a changed status. */
function ingress(state: RolloutItem['status']['state'], change: Partial<RolloutItem['status']> = {}) {
  const item = rolloutItem('ingress', 2, state);
  return { ...item, status: { ...item.status, ...change } };
}

describe('rollout VERB', () => {
  it.each([
    ['pause', ['checkout'], { kind: 'placement', name: 'checkout' }, { verb: 'pause' }],
    ['resume', ['checkout-7'], { kind: 'rollout', name: 'checkout-7' }, { verb: 'resume' }],
    ['promote', ['rollout/checkout-7'], { kind: 'rollout', name: 'checkout-7' }, { verb: 'promote' }],
    ['urgent', ['checkout'], { kind: 'placement', name: 'checkout' }, { verb: 'urgent' }],
    ['abort', ['placement/checkout'], { kind: 'placement', name: 'checkout' }, { verb: 'abort' }],
    ['undo', ['checkout', '--yes'], { kind: 'placement', name: 'checkout' }, { verb: 'undo' }],
    ['retry', ['checkout'], { kind: 'placement', name: 'checkout' }, { verb: 'retry' }],
    [
      'skip',
      ['checkout', 'eu-2'],
      { kind: 'placement', name: 'checkout' },
      { verb: 'skip', cluster: 'eu-2' },
    ],
    [
      'approve',
      ['checkout', '--stage', 'canary'],
      { kind: 'placement', name: 'checkout' },
      { verb: 'approve', stage: 'canary' },
    ],
  ])('%s %j asks the hub, with the reason', async (verb, words, target, operation) => {
    const outcome = await world.run('rollout', verb, ...words, '--reason', 'incident 812');

    expect(outcome.code).toBe(0);
    expect(outcome.stdout).toMatch(/^rollout\/checkout-7 \S/);
    expect(outcome.stderr).toMatch(/next: flotilla rollout (?:status|watch) checkout\n$/);
    const by = { actor: 'admin', reason: 'incident 812' };
    expect(world.api.actions).toEqual([
      { kind: 'operated', request: { target, operation, expectedSeq: undefined, by } },
    ]);
  });

  it('says that nothing was decided when it is so already', async () => {
    const first = await world.run('rollout', 'pause', 'checkout');
    const again = await world.run('rollout', 'pause', 'checkout');

    expect(again.code).toBe(0);
    expect(again.stdout).toBe(first.stdout);
    expect(first.stderr).not.toContain('nothing was decided');
    expect(again.stderr).toContain('it was so already: nothing was decided');
  });

  it.each([
    [2, 'FLT-1001', ['pause', 'checkout/7']],
    [2, 'FLT-1001', ['pause', 'Che ckout']],
    [2, 'FLT-1001', ['skip', 'checkout']],
    [2, 'FLT-1001', ['pause', 'checkout', '--expected-seq', 'x']],
    [3, 'FLT-3002', ['pause', 'chekout']],
    [3, 'FLT-3004', ['pause', 'rollout/checkout-9']],
    [3, 'FLT-3001', ['skip', 'checkout', 'eu-9']],
    [3, 'FLT-4005', ['pause', 'ingress']],
    [3, 'FLT-4015', ['pause', 'checkout', '--expected-seq', '41']],
  ])('ends with %i and %s for %j', async (code, id, words) => {
    const outcome = await world.run('rollout', ...words, '-o', 'json');

    expect(outcome.code).toBe(code);
    expect(JSON.parse(outcome.stdout)).toMatchObject({ kind: 'Error', error: { code: id } });
    expect(world.api.actions).toEqual([]);
  });

  it('does not choose between a placement and a rollout of one name', async () => {
    world.api.put('placements', placementItem('checkout-7', { Ready: 1 }));

    const outcome = await world.run('rollout', 'pause', 'checkout-7');

    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toContain('write placement/checkout-7 or rollout/checkout-7');
    expect(world.api.actions).toEqual([]);
    expect((await world.run('rollout', 'pause', 'rollout/checkout-7')).code).toBe(0);
  });

  it('prints pure JSON', async () => {
    const { stdout } = await world.run('rollout', 'pause', 'checkout', '-o', 'json');
    expect(JSON.parse(stdout)).toMatchObject({
      apiVersion: 'flotilla.dev/v1alpha1',
      kind: 'RolloutOperated',
      rollout: 'checkout-7',
      isChanged: true,
      lastSeq: 43,
    });
  });
});

describe('rollout status', () => {
  it.each([
    [3, ingress('Halted')],
    [3, ingress('Cancelled')],
    [3, ingress('Superseded')],
    [5, ingress('Progressing', { isPaused: true })],
    [5, ingress('Gated')],
    [0, ingress('Progressing')],
    [0, ingress('Succeeded')],
  ])('ends with %i for %j', async (code, item) => {
    world.api.put('rollouts', item);
    const outcome = await world.run('rollout', 'status', 'ingress');
    expect(outcome.code).toBe(code);
    expect(outcome.stdout).toContain(`ingress-2  ${item.status.state}`);
  });

  it('ends with 8 while of some clusters nothing is known, and names them', async () => {
    world.api.put('rollouts', rolloutItem('checkout', 8, 'Progressing'));
    const outcome = await world.run('rollout', 'status', 'checkout');
    expect(outcome.code).toBe(8);
    expect(outcome.stdout).toContain('unknown: 1 cluster (us-1, last seen 6m ago)');
  });

  it('shows what a person stopped, with who and why and the command that starts it again', async () => {
    const item = placementItem('ingress', { Ready: 1 });
    const by = { kind: 'person', name: 'ada', reason: 'incident 812' } as const;
    const stopped = {
      kind: 'rejected',
      rollout: 'ingress-1',
      by,
      text: 'incident 812',
      sinceMs: item.status.release!.commit.committedAtS * 1_000,
    } as const;
    world.api.put('placements', {
      ...item,
      status: { ...item.status, stopped: [{ ...stopped, rollout: 'ingress-1' as never }] },
    });

    const text = 'ingress-1 was rolled back by ada, 1h ago: incident 812';
    const status = await world.run('rollout', 'status', 'ingress');
    expect(status.stdout).toContain(`rejected: ${text}\n`);
    expect(status.stdout).toContain('next  flotilla rollout retry ingress');
    const page = await world.run('describe', 'placement', 'ingress');
    expect(page.stdout).toContain(text);
    expect(page.stdout).toContain('next  flotilla rollout retry ingress');
  });

  it('of a placement without any says so', async () => {
    const outcome = await world.run('rollout', 'status', 'payments');
    expect(outcome.code).toBe(3);
    expect(outcome.stderr).toContain('there has been no rollout of payments yet (FLT-3004)');
  });
});

describe('rollout watch', () => {
  it('prints only lines that change, and ends with the rollout', async () => {
    world.api.put('rollouts', ingress('Progressing'));
    const watching = world.start('rollout', 'watch', 'ingress');
    await watching.until(shows('ingress-2  Progressing'));
    const counts = { targets: 4, waiting: 0, issued: 0, ready: 4, deferred: 0, failed: 0 };
    world.api.put('rollouts', ingress('Soaking', { counts }));
    await watching.until(shows('ingress-2  Soaking'));
    world.api.put('rollouts', ingress('Succeeded'));

    expect(await watching.ended()).toBe(0);
    expect(watching.stdout.match(/canary/g)).toHaveLength(1);
    expect(watching.stdout).toContain('ingress-2  Succeeded');
  });

  it('ends with 3 when it halts, and at once when it has ended so', async () => {
    world.api.put('rollouts', ingress('Progressing'));
    const watching = world.start('rollout', 'watch', 'ingress');
    await watching.until(shows('ingress-2  Progressing'));
    world.api.put('rollouts', ingress('Halted'));
    expect(await watching.ended()).toBe(3);
    expect((await world.run('rollout', 'watch', 'checkout')).code).toBe(3);
  });

  it('ends with 130 on Ctrl-C', async () => {
    world.api.put('rollouts', ingress('Progressing'));
    const watching = world.start('rollout', 'watch', 'ingress');
    await watching.until(shows('ingress-2  Progressing'));
    expect(await watching.interrupt()).toBe(130);
  });

  it('ends with 4 after its timeout, and says what is missing', async () => {
    world.api.put('rollouts', ingress('Progressing'));
    const outcome = await world.run('rollout', 'watch', 'ingress', '--timeout', '1s');
    expect(outcome.code).toBe(4);
    expect(outcome.stderr).toContain('the rollout of placement ingress did not end in time (FLT-1008)');
    expect(outcome.stderr).toContain('ingress-2 is Progressing; 3 clusters of 4 not Ready');
  });

  it('outlives a hub that goes away and comes back', async () => {
    world.api.put('rollouts', ingress('Progressing'));
    const watching = world.start('rollout', 'watch', 'ingress');
    await watching.until(shows('ingress-2  Progressing'));
    await world.stop();
    await watching.until((running) => running.stderr.includes('cannot reach the hub'));
    world.api.put('rollouts', ingress('Succeeded'));
    await world.serve();
    expect(await watching.ended()).toBe(0);
  });

  it('prints one JSON document for each look that differs', async () => {
    world.api.put('rollouts', ingress('Progressing'));
    const watching = world.start('rollout', 'watch', 'ingress', '-o', 'json');
    await watching.until(shows('Progressing'));
    world.api.put('rollouts', ingress('Succeeded'));
    expect(await watching.ended()).toBe(0);
    const documents = watching.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(documents.map(({ rollout }) => rollout.status.state)).toEqual(['Progressing', 'Succeeded']);
  });
});

describe('history', () => {
  it('shows what ended, newest first, with who and why', async () => {
    await world.run('rollout', 'undo', 'checkout', '--reason', 'incident 812');
    const { code, stdout } = await world.run('history', 'checkout');
    expect(code).toBe(0);
    const lines = stdout.split('\n').map((line) => line.replaceAll(/ +/g, ' '));
    expect(lines[0]).toBe('NAME KIND STATE READY FAILED REVISION AUTHOR SIGNATURE ENDED TOOK BY WHY');
    expect(lines[1]).toMatch(/^checkout-7 update Superseded .* admin .*incident 812$/);
    expect(lines[2]).toMatch(
      /^checkout-6 update Succeeded 4\/4 0 1c76476f0e4b Ada Lovelace signed \(ssh\) 5m ago 10m hub checkout v2.4.1$/,
    );
  });

  it('is a List of rollouts as JSON', async () => {
    const { stdout } = await world.run('history', 'checkout', '-o', 'json');
    const list = JSON.parse(stdout);
    expect([list.kind, list.items.length]).toEqual(['List', 1]);
  });
});
