import fc from 'fast-check';
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

  it('keeps no more places than twice what it remembers, however often the same changes', () => {
    const log = new ChangeLog('p');
    for (let turn = 0; turn < 100_000; turn += 1) log.note(cluster(`c-${turn % 50}`));

    expect(log.places).toBeLessThan(2 * 50 + 2_000);
    expect(log.since(log.sequence - 50)).toHaveLength(50);
  });

  it('says what a list says that forgets nothing, as long as it knows', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40), { maxLength: 400 }), fc.nat(450), (keys, since) => {
        const log = new ChangeLog('p', 20);
        for (const key of keys) log.note(cluster(`c-${key}`));

        const known = log.since(since);
        const later = keys.slice(since).map((key) => `c-${key}`);
        const lasts = later.filter((name, at) => later.lastIndexOf(name) === at);
        if (known !== undefined) expect(known).toEqual(lasts.map(cluster));
        // It knows whatever fits.
        const isThere = since <= keys.length;
        const distinct = new Set(keys.slice(Math.max(0, since - 1))).size;
        if (isThere && distinct <= 20) expect(known).toBeDefined();
        if (!isThere || lasts.length > 20) expect(known).toBeUndefined();
      }),
    );
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
