import type { PlacementItem, RolloutItem } from '@flotilla/shared/model';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { assignmentItem, clusterItem, placementItem, rolloutItem } from '../../fakes/hub-api/index.ts';
import { waitFor } from '../waiting.ts';
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

function ingress(state: RolloutItem['status']['state'], change: Partial<RolloutItem['status']> = {}) {
  const item = rolloutItem('ingress', 2, state);
  return { ...item, status: { ...item.status, ...change } };
}

function placement(change: Partial<PlacementItem['status']>): PlacementItem {
  const item = placementItem('ingress', { Ready: 1 });
  return { ...item, status: { ...item.status, ...change } };
}

/** Resolves once so many commands follow the hub's events. */
function streams(count: number): Promise<true> {
  return waitFor('open streams', async () => (world.openStreams() >= count ? true : undefined), {
    withinMs: 20_000,
    everyMs: 20,
  });
}

const reason = (code: string, text = 'so it is') => ({ code, text, subject: 'ingress' });

describe('wait', () => {
  it.each([
    ['ingress', 'placement/ingress is ready'],
    ['placement/ingress --for succeeded', 'placement/ingress has succeeded'],
    ['checkout-6', 'rollout/checkout-6 has succeeded'],
    ['cluster/eu-1', 'cluster/eu-1 is ready'],
    ['cluster/eu-1 --for connected', 'cluster/eu-1 is connected'],
    ['assignment/eu-1/ingress', 'assignment/eu-1/ingress is ready'],
    ['placement/ingress --commit 1c76476', 'placement/ingress is ready'],
  ])('for %s ends with 0 at once', async (words, line) => {
    expect(await world.run('wait', ...words.split(' '))).toMatchObject({ code: 0, stdout: `${line}\n` });
  });

  it('prints a document', async () => {
    const { stdout } = await world.run('wait', 'ingress', '-o', 'json');
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'Wait', target: 'placement/ingress', isMet: true });
  });

  it.each([
    [3, 'FLT-1011', ['rollout/ingress-2'], ingress('Halted', { reason: reason('Halted', '2 failed') })],
    [3, 'FLT-1011', ['rollout/ingress-2'], ingress('Superseded')],
    [3, 'FLT-1011', ['ingress', '--for', 'succeeded'], ingress('Cancelled')],
    [5, 'FLT-1012', ['ingress', '--for', 'succeeded'], ingress('Gated', { reason: reason('NeedsApproval') })],
    [5, 'FLT-1012', ['rollout/ingress-2'], ingress('Progressing', { isPaused: true })],
    [
      5,
      'FLT-1012',
      ['rollout/ingress-2', '--timeout', '1s'],
      ingress('Progressing', { reason: reason('WindowClosed') }),
    ],
    [4, 'FLT-1008', ['rollout/ingress-2', '--timeout', '1s'], ingress('Progressing')],
  ])('ends with %i and %s for %j, and lists what is unmet', async (code, id, words, item) => {
    world.api.put('rollouts', item);
    const outcome = await world.run('wait', ...words, '-o', 'json');
    expect(outcome.code).toBe(code);
    const { error } = JSON.parse(outcome.stdout);
    expect(error).toMatchObject({ code: id, exitCode: code });
    expect(error.cause).toContain(`ingress-2 is ${item.status.state}`);
    if (item.status.reason) expect(error.cause).toContain(item.status.reason.text);
  });

  it.each([
    [8, 'us-1 is Unknown', ['cluster/us-1', '--timeout', '1s']],
    [8, 'us-1 is disconnected', ['cluster/us-1', '--for', 'connected', '--timeout', '1s']],
    [3, 'eu-2/checkout is Degraded', ['assignment/eu-2/checkout', '--grace', '1s']],
    [4, 'eu-2 is Degraded', ['cluster/eu-2', '--timeout', '1s']],
    [4, 'ingress is at 1c76476f0e4b, not at fedcba9', ['ingress', '--commit', 'fedcba9', '--timeout', '1s']],
    [4, 'there has been no rollout of payments yet', ['payments', '--for', 'succeeded', '--timeout', '1s']],
  ])('ends with %i because %s', async (code, unmet, words) => {
    const outcome = await world.run('wait', ...words);
    expect(`${outcome.code} ${outcome.stderr}`).toContain(unmet);
    expect(outcome.code).toBe(code);
  });

  it('does not take a rule without clusters, or one that still moves, for Ready', async () => {
    world.api.put('placements', placement({ reason: reason('NoCluster') }));
    expect((await world.run('wait', 'ingress', '--timeout', '1s')).code).toBe(4);
    const rollout = {
      id: 'ingress-2' as never,
      kind: 'update',
      state: 'Soaking',
      stage: 'rest',
      wavesPassed: 1,
      waves: 2,
    } as const;
    world.api.put('placements', placement({ rollout }));
    const outcome = await world.run('wait', 'ingress', '--timeout', '1s');
    expect(outcome.stderr).toContain('ingress-2 is Soaking');
  });

  it('hears of the change, and of the rollout that takes over', async () => {
    world.api.put('rollouts', ingress('Progressing'));
    const waiting = world.start('wait', 'ingress', '--for', 'succeeded');
    world.api.put('clusters', clusterItem('eu-1', { state: 'Degraded' }));
    world.api.put('rollouts', ingress('Superseded'));
    world.api.put('rollouts', rolloutItem('ingress', 3, 'Progressing'));
    world.api.put('rollouts', rolloutItem('ingress', 3, 'Succeeded'));
    expect(await waiting.ended()).toBe(0);
  });

  it('forgives what recovers within the grace time', async () => {
    const waiting = world.start('wait', 'assignment/eu-2/checkout', '--grace', '1m');
    world.api.put('assignments', assignmentItem('eu-2', 'checkout', { state: 'Progressing' }));
    world.api.put('assignments', assignmentItem('eu-2', 'checkout'));
    expect(await waiting.ended()).toBe(0);
  });

  it('outlives a hub that goes away and comes back, and ends with 6 when it stays away', async () => {
    world.api.put('rollouts', ingress('Progressing'));
    const waiting = world.start('wait', 'rollout/ingress-2');
    const late = world.start('wait', 'rollout/ingress-2', '--timeout', '8s');
    await streams(2);
    await world.stop();
    await waiting.until((running) => running.stderr.includes('cannot reach the hub'));
    expect(await late.ended()).toBe(6);
    expect(late.stderr).toContain('the hub cannot be reached; ingress-2 is Progressing');
    world.api.put('rollouts', ingress('Succeeded'));
    await world.serve();
    expect(await waiting.ended()).toBe(0);
    expect(waiting.stderr).toContain('the hub is back');
  });

  it('ends with 6 at once where no hub is, and with 130 on Ctrl-C', async () => {
    world.api.put('rollouts', ingress('Progressing'));
    const waiting = world.start('wait', 'rollout/ingress-2');
    await streams(1);
    expect(await waiting.interrupt()).toBe(130);
    await world.stop();
    expect((await world.run('wait', 'rollout/ingress-2')).code).toBe(6);
  });

  it.each([
    [2, ['cluster/eu-1', '--for', 'succeeded']],
    [2, ['rollout/ingress-1', '--for', 'ready']],
    [2, ['cluster/eu-1', '--commit', 'fedcba9']],
    [2, ['ingress', '--for', 'green']],
    [3, ['cluster/eu-9']],
    [3, ['nothing']],
  ])('ends with %i for %j', async (code, words) => {
    expect((await world.run('wait', ...words)).code).toBe(code);
  });
});
