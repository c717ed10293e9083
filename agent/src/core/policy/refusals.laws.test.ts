import type { GitId } from '@flotilla/shared/base';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { LocalPolicy } from './local-policy.ts';
import { policyWith } from './policy-fixture.ts';
import { refuseContent } from './refuse-content.ts';
import { refuseObject } from './refuse-object.ts';

const word = fc.constantFrom('shop', 'team', 'team-a', 'lib', 'apps');
const kinds = fc.constantFrom('ConfigMap', 'Deployment.apps', '*.apps', 'ClusterRole.rbac');
const some = <Item>(one: fc.Arbitrary<Item>) =>
  fc.option(fc.array(one, { minLength: 1, maxLength: 3 }), { nil: undefined });

const policies: fc.Arbitrary<LocalPolicy> = fc
  .record({
    repositories: some(
      fc.record({
        url: word.chain((name) =>
          fc.constantFrom(`https://git.example.org/${name}`, `https://git.example.org/${name}/`),
        ),
        paths: some(word),
        signers: fc.constant(undefined),
      }),
    ),
    kinds: some(kinds),
    namespaces: some(word.chain((name) => fc.constantFrom(name, `${name}*`))),
    clusterKinds: some(kinds),
  })
  .map((limits) => policyWith(limits));

const refs = fc.record({
  group: fc.constantFrom('', 'apps', 'rbac'),
  version: fc.constant('v1'),
  kind: fc.constantFrom('ConfigMap', 'Deployment', 'ClusterRole', 'Namespace'),
  namespace: fc.option(word, { nil: undefined }),
  name: word,
});

const contents = fc.record({
  repositoryUrl: fc
    .array(fc.oneof(word, fc.constantFrom('..', '.', '%2e%2e', 'a?b')), { minLength: 1, maxLength: 3 })
    .map((parts) => `https://git.example.org/${parts.join('/')}`),
  trees: fc.array(
    fc.record({
      path: fc.array(word, { maxLength: 2 }).map((parts) => parts.join('/')),
      treeId: fc.constant('a'.repeat(40) as GitId),
    }),
    { minLength: 1, maxLength: 3 },
  ),
});

it('one more limit never allows what was refused', () => {
  fc.assert(
    fc.property(policies, policies, refs, contents, (policy, other, ref, content) => {
      const tighter: LocalPolicy = {
        ...policy,
        repositories: policy.repositories ?? other.repositories,
        kinds: policy.kinds ?? other.kinds,
        namespaces: policy.namespaces ?? other.namespaces,
      };
      if (refuseObject(ref, policy) !== undefined) expect(refuseObject(ref, tighter)).toBeDefined();
      if (refuseContent(content, policy) !== undefined) expect(refuseContent(content, tighter)).toBeDefined();
    }),
  );
});

it('what is taken lies in a namespace that is listed, or is listed itself', () => {
  fc.assert(
    fc.property(policies, refs, (policy, ref) => {
      fc.pre(policy.namespaces !== undefined && refuseObject(ref, policy) === undefined);
      const isNamespace = ref.kind === 'Namespace' && ref.group === '';
      const name = ref.namespace ?? (isNamespace ? ref.name : undefined);
      if (name === undefined) expect(policy.clusterKinds).toBeDefined();
      else
        expect(
          policy.namespaces?.some((one) =>
            one.endsWith('*') ? name.startsWith(one.slice(0, -1)) : one === name,
          ),
        ).toBe(true);
    }),
  );
});

it('what is taken leads to a server path that is listed, with nothing in it that leads out again', () => {
  fc.assert(
    fc.property(policies, contents, (policy, content) => {
      fc.pre(policy.repositories !== undefined && refuseContent(content, policy) === undefined);
      const { href } = new URL(content.repositoryUrl);
      expect(
        policy.repositories?.some(({ url }) => `${href}/`.startsWith(url.endsWith('/') ? url : `${url}/`)),
      ).toBe(true);
    }),
  );
});
