import { describe, expect, it } from 'vitest';
import { ChangeLog } from './change-log.ts';

const cluster = (name: string) => ({ kind: 'clusters', name }) as const;

describe('the log of changes', () => {
  it('gives what changed after a sequence, each item once, oldest change first', () => {
    const log = new ChangeLog('p');
    log.note(cluster('a'));
    const seen = log.sequence;
    log.note(cluster('b'));
    log.note({ kind: 'facts' });
    log.note(cluster('a'));
    log.note(cluster('b'));

    expect(log.since(seen)).toEqual([{ kind: 'facts' }, cluster('a'), cluster('b')]);
    expect(log.since(log.sequence)).toEqual([]);
  });

  it('does not claim to know what it has forgotten, nor what is yet to come', () => {
    const log = new ChangeLog('p', 2);
    for (const name of ['a', 'b', 'c']) log.note(cluster(name));

    expect(log.since(0)).toBeUndefined();
    expect(log.since(1)).toEqual([cluster('b'), cluster('c')]);
    expect(log.since(4)).toBeUndefined();
  });

  it('stays within its bound however much changes', () => {
    const log = new ChangeLog('p', 10);
    for (let turn = 0; turn < 1_000; turn += 1) log.note(cluster(`c-${turn % 50}`));

    expect(log.since(log.sequence - 10)).toHaveLength(10);
    expect(log.since(log.sequence - 11)).toBeUndefined();
  });

  it.each(['q.1', 'p', 'p.', 'p.x', 'p.1.2', 'p.-1', '', 'p.1e3'])(
    'does not take %j for its own sequence',
    (text) => {
      expect(new ChangeLog('p').parse(text)).toBeUndefined();
    },
  );

  it('reads back the sequence that it gave', () => {
    const log = new ChangeLog('p');
    log.note(cluster('a'));
    expect(log.parse(log.format())).toBe(1);
  });
});
