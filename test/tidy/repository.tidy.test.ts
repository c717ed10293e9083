import { expect, it } from 'vitest';
import { allRules } from './index.ts';
import ratchet from './ratchet.json' with { type: 'json' };
import { readRepository } from './read-repository.ts';
import { repositoryOf } from './repository.ts';
import { describeFindings } from './rule.ts';

const repository = repositoryOf(await readRepository());

it('reads the whole repository', () => {
  expect(repository.sources.length).toBeGreaterThan(50);
  expect(repository.manifests.map(({ name }) => name)).toContain('@flotilla/shared');
});

it.each(allRules(ratchet).map((rule) => [rule.name, rule] as const))('%s', (_name, rule) => {
  expect(describeFindings(rule, rule.find(repository))).toBe('');
});
