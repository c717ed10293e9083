import type { AssignmentRow, BoundCredential } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import {
  type EngineWorld,
  eventually,
  hold,
  openStage,
  rowFor,
  startIn,
  two,
  untilState,
} from './engine-world-fixture.ts';

const delivered = { name: 'platform', kind: 'token', token: 'delivered' } as const;

/** The same world, with what is shown to its Git server. */
function recorded(world: EngineWorld): { readonly world: EngineWorld; readonly shown: BoundCredential[] } {
  const shown: BoundCredential[] = [];
  const { git } = world;
  const fetch: typeof git.fetch = async (content, credential, signal) => {
    if (credential !== undefined) shown.push(credential);
    return await git.fetch(content, credential, signal);
  };
  return { shown, world: { ...world, git: { ...git, fetch } } };
}

/** A row whose content names the credential; the hub delivers one with it. */
function rowWith(world: EngineWorld): AssignmentRow {
  const row = rowFor(world, { files: two });
  const content = { ...row.variant.content, credential: 'platform' };
  return { ...row, variant: { ...row.variant, content }, credential: delivered };
}

describe('the credential of a source', () => {
  it('that comes with a row is for the repository of that row only', async () => {
    await using stage = openStage();
    const { shown, world } = recorded(stage.world);
    await using engine = startIn(world, stage.agent);
    await hold(world, rowWith(world));
    await untilState(engine, 'shop', 'Ready');

    expect(shown).toEqual([{ ...delivered, url: 'https://git.example.org/shop.git' }]);
  });

  it("of the agent's own wins over one that comes with the row", async () => {
    await using stage = openStage();
    const { shown, world } = recorded(stage.world);
    world.credentials.put('platform', { url: 'https://git.example.org', token: 'own' });
    await using engine = startIn(world, stage.agent);
    await hold(world, rowWith(world));
    await untilState(engine, 'shop', 'Ready');

    expect(shown).toMatchObject([{ token: 'own', url: 'https://git.example.org' }]);
  });

  it("of the agent's own that is for another server is not replaced by one that comes with the row", async () => {
    await using stage = openStage();
    const { world } = stage;
    world.credentials.put('platform', { url: 'https://other.example.org', token: 'own' });
    await using engine = startIn(world, stage.agent);
    await hold(world, rowWith(world));
    const report = await eventually(
      () => engine.reports()[0],
      (one) => one?.reason === 'FetchFailed',
    );

    expect(report?.text).toMatch(
      /^GIT_CREDENTIAL_ELSEWHERE: credential platform is for https:\/\/other\.example\.org and is not sent to .+; correct the url/,
    );
  });
});
