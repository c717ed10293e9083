import { expect, it } from 'vitest';
import { repositoryOf } from '../repository.ts';
import { type Ratchet, sizeRule } from './sizes.ts';

const path = 'hub/src/core/plan.ts';
const judge = (lines: number, ratchet: Ratchet = {}) =>
  sizeRule(ratchet)
    .find(repositoryOf({ [path]: 'line\n'.repeat(lines) }))
    .map(({ what }) => what)
    .join();

it.each([
  [250, {}, ''],
  [251, {}, 'has 251 lines, more than 250'],
  [300, { [path]: 300 }, ''],
  [299, { [path]: 300 }, ''],
  [301, { [path]: 300 }, 'has grown from 300 to 301 lines'],
  [250, { [path]: 300 }, 'take it out of'],
  [401, { [path]: 401 }, 'has 401 lines, more than 400'],
  [10, { 'hub/src/gone.ts': 300 }, 'does not exist'],
])('%i lines with the ratchet %j', (lines, ratchet, what) => {
  if (what === '') expect(judge(lines, ratchet as Ratchet)).toBe('');
  else expect(judge(lines, ratchet as Ratchet)).toContain(what);
});
