import { describe, expect, it } from 'vitest';
import { holdDeletes, type Neighbour } from './hold-deletes.ts';
import { neighbourOf, type RowGiven, rowOf } from './hold-deletes-fixture.ts';

const key = 'ConfigMap/shop/settings';
const elsewhere = 'https://git.example.org/two.git';
const none = undefined;
const unknown = { sight: 'last', trouble: 'FetchFailed' } as const;

interface Case {
  readonly what: string;
  readonly row?: RowGiven;
  readonly other: Partial<RowGiven>;
  readonly sight: Partial<Neighbour>;
  /** Of what it waits for; `asks` = a person. */
  readonly code: string | undefined;
}

const cases: readonly Case[] = [
  { what: 'is known', other: {}, sight: { isApplied: false }, code: none },
  { what: 'never ran here', other: {}, sight: { sight: 'nothing' }, code: 'WaitingForRender' },
  {
    what: 'never ran here, is late and comes from elsewhere',
    other: { repository: elsewhere },
    sight: { sight: 'nothing', isLate: true },
    code: none,
  },
  {
    what: 'never ran here, is late, comes from elsewhere, and its journal names the object',
    other: { repository: elsewhere },
    sight: { sight: 'nothing', isLate: true, owns: (one) => one === key },
    code: 'WaitingForRender',
  },
  {
    what: 'never ran here, is late, and shares the repository',
    other: {},
    sight: { sight: 'nothing', isLate: true },
    code: 'asks',
  },
  {
    what: 'never ran here and is late, for a removal: it may be the new name of what goes',
    row: { placement: 'shop', isRemoval: true },
    other: { repository: elsewhere },
    sight: { sight: 'nothing', isLate: true },
    code: 'asks',
  },
  {
    what: 'never ran here and is suspended',
    other: { isSuspended: true },
    sight: { sight: 'nothing' },
    code: none,
  },
  {
    what: 'never ran here and is to go',
    other: { isRemoval: true },
    sight: { sight: 'nothing' },
    code: none,
  },
  { what: 'is known by its last content only', other: {}, sight: unknown, code: 'WaitingForRender' },
  {
    what: 'is known by its last content only, is late, and shares the repository',
    other: {},
    sight: { ...unknown, isLate: true },
    code: 'asks',
  },
  {
    what: 'shares the repository under another spelling',
    other: { repository: 'https://git.example.org/one/' },
    sight: { ...unknown, isLate: true },
    code: 'asks',
  },
  {
    what: 'comes from elsewhere and is not late yet',
    other: { repository: elsewhere },
    sight: unknown,
    code: 'WaitingForRender',
  },
  {
    what: 'comes from elsewhere and is late',
    other: { repository: elsewhere },
    sight: { ...unknown, isLate: true },
    code: none,
  },
  {
    what: 'comes from elsewhere, is late, and owns the object',
    other: { repository: elsewhere },
    sight: { ...unknown, isLate: true, owns: (one) => one === key },
    code: 'WaitingForRender',
  },
  {
    what: 'is late, for a removal, which has no repository',
    row: { placement: 'shop', isRemoval: true },
    other: {},
    sight: { ...unknown, isLate: true },
    code: none,
  },
  { what: 'is suspended', other: { isSuspended: true }, sight: unknown, code: none },
  {
    what: 'takes over',
    other: { takeOverFrom: 'shop' },
    sight: { isApplied: false },
    code: 'WaitingForTakeOver',
  },
  { what: 'took over', other: { takeOverFrom: 'shop' }, sight: {}, code: none },
  {
    what: 'takes over from somebody else',
    other: { takeOverFrom: 'cart' },
    sight: { isApplied: false },
    code: none,
  },
  {
    what: 'takes over and is suspended',
    other: { takeOverFrom: 'shop', isSuspended: true },
    sight: { isApplied: false },
    code: 'WaitingForTakeOver',
  },
  { what: 'is the assignment itself', other: { placement: 'shop' }, sight: { sight: 'nothing' }, code: none },
];

describe('a delete and a neighbour that', () => {
  it.each(cases)('$what: $code', ({ row = { placement: 'shop' }, other, sight, code }) => {
    const neighbour = neighbourOf({ placement: 'heir', ...other }, sight);
    const { waiting, doubted } = holdDeletes(rowOf(row), [key], [neighbour]);
    expect(waiting.get(key)?.code ?? (doubted.has(key) ? 'asks' : none)).toBe(code);
    expect(waiting.has(key) && doubted.has(key)).toBe(false);
  });

  it('cannot be seen says which one, why, and how to go on without it', () => {
    const neighbour = neighbourOf({ placement: 'heir' }, { sight: 'nothing', trouble: 'FetchFailed' });
    expect(holdDeletes(rowOf({ placement: 'shop' }), [key], [neighbour]).waiting.get(key)).toEqual({
      code: 'WaitingForRender',
      subject: 'heir',
      text: 'waits until it is known what assignment heir wants (FetchFailed): nothing of it was ever rendered here; suspend or remove it to go on without it',
    });
  });

  it('is not known past its deadline is named to who is asked', () => {
    const neighbour = neighbourOf({ placement: 'heir' }, { ...unknown, isLate: true });
    expect(holdDeletes(rowOf({ placement: 'shop' }), [key], [neighbour]).doubted.get(key)).toBe(
      'assignment heir may want what would be deleted, and is not known past its deadline (FetchFailed)',
    );
  });

  it('cannot be asked about while another one is waited for', () => {
    const late = neighbourOf({ placement: 'heir' }, { ...unknown, isLate: true });
    const early = neighbourOf({ placement: 'next' }, unknown);
    const { waiting, doubted } = holdDeletes(rowOf({ placement: 'shop' }), [key], [late, early]);
    expect(waiting.get(key)?.subject).toBe('next');
    expect(doubted.size).toBe(0);
  });
});
