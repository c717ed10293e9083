import { describe, expect, it } from 'vitest';
import { complaints, placementIn, placementText } from './spec-fixture.ts';

describe('hold', () => {
  const holding = (until: string, release = 'abcdef0') =>
    placementText('shop', `  hold: {release: "${release}", reason: later, until: "${until}"}\n`);

  it.each([
    ['2026-12-01', '2026-12-01T00:00:00Z'],
    ['2026-12-01T08:00:00+01:00', '2026-12-01T07:00:00Z'],
    ['2028-02-29', '2028-02-29T00:00:00Z'],
  ])('ends at %s', (until, moment) => {
    expect(placementIn(holding(until)).hold).toEqual({
      release: 'abcdef0',
      reason: 'later',
      untilMs: Date.parse(moment),
    });
  });

  it.each(['2026-02-30', '2027-02-29', 'tomorrow', '2026-12-01T08:00:00', '01.12.2026'])(
    'is refused with %s as its end',
    (until) => {
      expect(complaints(holding(until))[0]).toContain(`"${until}" is not a day such as 2026-12-01`);
    },
  );

  it('is refused for a release that is no commit', () => {
    expect(complaints(holding('2026-12-01', 'v1.2'))[0]).toContain('"v1.2" is not a commit id');
  });
});
