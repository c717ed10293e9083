import type { GitId } from '@flotilla/shared/base';
import { type ControlAdopted, type Decision, decisionFormat } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { controlRepository } from '../control-repository.ts';
import { Ledger } from '../ledger.ts';
import type { RawEvent } from '../raw-log.ts';
import type { Wish } from '../wish.ts';
import type { World } from '../world.ts';
import { adoptsForCause } from './plans.ts';

const wish: Wish = {
  placements: {},
  maxChangingPercent: 100,
  maxChangingPerCluster: 2,
  frozen: undefined,
  note: 'a fleet',
};

/** A log whose every message is judged before it is written down. */
function judged() {
  const repository = controlRepository();
  const ledger = new Ledger();
  // The judge looks at nothing else of a world.
  const world = { repository } as World;
  let seq = 0;
  const take = (payload: Decision): void => {
    seq += 1;
    const event = { format: decisionFormat, payload, actor: { kind: 'hub', name: 'a1' } };
    // The judge and the ledger look at nothing else of a message.
    const raw = { seq, subject: 'flotilla.decisions.control', storedAtMs: seq, event } as unknown as RawEvent;
    adoptsForCause(raw, { ledger, world });
    ledger.take(raw);
  };
  return {
    repository,
    adopt(id: GitId): void {
      const commit = { id } as ControlAdopted['commit'];
      take({ kind: 'control-adopted', commit, ref: 'main', files: {}, broken: {}, sources: {} });
    },
    accept: (commit: GitId) => take({ kind: 'source-accepted', source: 'control', ref: 'main', commit }),
  };
}

describe('the judge of adoptions (I18)', () => {
  it('lets a commit empty what is in force only when somebody accepted that very commit', () => {
    const { accept, adopt, repository } = judged();
    adopt(repository.push(wish));
    const first = repository.empty('first');
    expect(() => adopt(first)).toThrow('empties the repository, and nobody accepted it');

    const second = repository.empty('second');
    accept(first);
    expect(() => adopt(second)).toThrow('empties the repository, and nobody accepted it');
    accept(second);
    adopt(second);
  });

  it('asks nobody about an empty commit where nothing is in force, and asks again once something was', () => {
    const { accept, adopt, repository } = judged();
    adopt(repository.push(wish));
    const first = repository.empty('first');
    accept(first);
    adopt(first);
    adopt(repository.empty('second'));

    adopt(repository.push(wish));
    expect(() => adopt(repository.empty('third'))).toThrow('empties the repository, and nobody accepted it');
  });

  it('lets a commit that breaks off the history come into force only when somebody accepted it', () => {
    const { accept, adopt, repository } = judged();
    adopt(repository.push(wish));
    adopt(repository.push({ ...wish, note: 'more' }));
    const forced = repository.push({ ...wish, note: 'forced' }, { isForced: true });
    expect(() => adopt(forced)).toThrow('though it does not follow');
    accept(forced);
    adopt(forced);
  });
});
