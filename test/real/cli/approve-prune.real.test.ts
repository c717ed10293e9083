import type { Digest } from '@flotilla/shared/base';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
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

const approve = (...more: readonly string[]) => world.run('rollout', 'approve-prune', ...more);
const listHash = 'abcdef012345'.padEnd(64, '0') as Digest;

/** eu-2 holds deletes of checkout back. */
function holdDeletes(): void {
  const item = world.api.item('assignments', 'eu-2/checkout')!;
  const heldPrune = { listHash, objects: ['ConfigMap shop/a'], total: 2, reason: 'more than allowed' };
  world.api.put('assignments', { ...item, status: { ...item.status, heldPrune } });
}

describe('rollout approve-prune', () => {
  it('asks the hub for the list that was looked at, with the reason', async () => {
    const words = ['checkout', '--cluster', 'eu-2', '--hash', 'abcdef012345', '--reason', 'incident 812'];
    const outcome = await approve(...words);

    expect(outcome.code).toBe(0);
    expect(outcome.stdout).toMatch(/^rollout\/checkout-7 may delete exactly/);
    const target = { kind: 'placement', name: 'checkout' };
    const operation = { verb: 'approve-prune', cluster: 'eu-2', hash: 'abcdef012345' };
    const by = { actor: 'admin', reason: 'incident 812' };
    expect(world.api.actions).toEqual([
      { kind: 'operated', request: { target, operation, expectedSeq: undefined, by } },
    ]);
  });

  it('without a hash shows which deletes wait, and needs a yes', async () => {
    holdDeletes();

    const asked = await approve('checkout', '--cluster', 'eu-2');
    const done = await approve('checkout-7', '--cluster', 'eu-2', '--yes');

    expect(asked.code).toBe(2);
    expect(asked.stderr).toContain('ConfigMap shop/a');
    expect(asked.stderr).toContain('rollout approve-prune checkout --cluster eu-2 --hash abcdef012345');
    expect(done.code).toBe(0);
    const operation = { verb: 'approve-prune', cluster: 'eu-2', hash: listHash };
    expect(world.api.actions).toMatchObject([{ request: { operation } }]);
  });

  it('is the next thing to type where deletes wait', async () => {
    holdDeletes();
    const { stdout } = await world.run('describe', 'assignment', 'eu-2/checkout');
    expect(stdout).toContain('list abcdef012345\n\nnext  flotilla rollout approve-prune checkout');
  });

  it.each([
    [2, 'FLT-1001', ['checkout']],
    [2, 'FLT-2004', ['checkout', '--cluster', 'eu-2', '--hash', 'abc']],
    [3, 'FLT-4019', ['checkout', '--cluster', 'eu-2']],
    [3, 'FLT-3003', ['checkout', '--cluster', 'eu-9']],
  ])('ends with %i and %s for %j', async (code, id, words) => {
    const outcome = await approve(...words, '-o', 'json');
    expect(outcome.code).toBe(code);
    expect(JSON.parse(outcome.stdout)).toMatchObject({ kind: 'Error', error: { code: id } });
    expect(world.api.actions).toEqual([]);
  });
});
