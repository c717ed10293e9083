import type { Digest } from '@flotilla/shared/base';
import { describe, expect, it } from 'vitest';
import { fakeRelease, placementItem } from '../../../../test/fakes/hub-api/items.ts';
import { judgePlacement } from './wait-verdict.ts';

const { id } = fakeRelease.commit;
const before = { ...fakeRelease, digest: '6'.repeat(64) as Digest };

/** Every cluster is Ready, and no rollout runs: what is stable is the release of before. */
function atRest(code?: string): ReturnType<typeof placementItem> {
  const item = placementItem('ingress', { Ready: 3 });
  const reason = code === undefined ? undefined : { code, text: 'said so', subject: 'ingress' };
  return { ...item, status: { ...item.status, reason, rollout: undefined, stable: before } };
}

describe('a placement that is to be ready at a commit', () => {
  it('is not while the rollout of it has not been planned: what is Ready is the release of before', () => {
    expect(judgePlacement(atRest(), id).kind).toBe('moving');
    expect(judgePlacement(atRest(), undefined).kind).toBe('met');
  });

  it('waits for a person once the release of the commit was rolled back, aborted or held', () => {
    for (const code of ['Rejected', 'Aborted', 'Held'])
      expect(judgePlacement(atRest(code), id)).toMatchObject({ kind: 'person' });
  });
});
