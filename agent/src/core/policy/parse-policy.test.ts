import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePolicy } from './parse-policy.ts';
import { policyWith } from './policy-fixture.ts';

const head = { apiVersion: 'flotilla.dev/v1alpha1', kind: 'AgentPolicy' };
const read = (spec: unknown) => parsePolicy({ ...head, spec }, 'policy.yaml');
const fingerprint = 'SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU';

describe('a local policy', () => {
  it('limits nothing that it does not speak of', () => {
    expect(read({})).toEqual({ ok: true, value: policyWith() });
  });

  it('has repositories with folders and signers, kinds, namespaces and a number of deletes', () => {
    const spec = {
      repositories: [
        { url: 'https://git.example.org/shop.git', paths: ['apps', 'lib/base'], signers: [fingerprint] },
        { url: 'git@git.example.org:team/' },
      ],
      kinds: ['ConfigMap', 'Deployment.apps', '*.networking.k8s.io'],
      namespaces: ['shop', 'team-*'],
      clusterKinds: ['ClusterRole.rbac.authorization.k8s.io'],
      deletesMax: 0,
    };
    const [first, second] = spec.repositories;
    const repositories = [first, { ...second, paths: undefined, signers: undefined }];
    expect(read(spec)).toEqual({ ok: true, value: { file: 'policy.yaml', ...spec, repositories } });
  });

  it.each([
    [{ namespace: ['shop'] }, 'spec.namespace is not known: there is repositories, kinds, namespaces'],
    [{ namespaces: [] }, 'spec.namespaces is not a list of 1 to 1000; leave it out to limit nothing'],
    [{ namespaces: 'shop' }, 'spec.namespaces is not a list'],
    [{ namespaces: ['sh*op'] }, 'spec.namespaces: "sh*op" is not a namespace'],
    [{ kinds: ['deployments'] }, 'spec.kinds: "deployments" is not Kind, Kind.group or *.group'],
    [{ clusterKinds: [7] }, 'spec.clusterKinds: 7 is not Kind'],
    [{ deletesMax: -1 }, 'spec.deletesMax is not a whole number'],
    [{ repositories: [{}] }, 'spec.repositories[0].url: nothing is not a repository URL'],
    [
      { repositories: [{ url: 'https://git.example.org/a', path: ['x'] }] },
      'spec.repositories[0].path is not known',
    ],
    [{ repositories: [{ url: 'https://git.example.org/a', paths: ['../x'] }] }, '"../x" is not a folder'],
    [{ repositories: [{ url: 'https://git.example.org/a', paths: ['x/'] }] }, '"x/" is not a folder'],
    [{ repositories: [{ url: 'https://git.example.org/a', signers: ['ada'] }] }, 'signers[0] is no signer'],
    [{ repositories: [{ url: 'https://' }] }, 'spec.repositories[0].url'],
  ])('%j is refused with its field', (spec, why) => {
    const outcome = read(spec);
    expect(outcome.ok ? '' : outcome.error.join('; ')).toContain(why);
  });

  it('is of its own kind, and says every mistake at once', () => {
    const outcome = parsePolicy({ kind: 'Policy', spec: { deletesMax: '1' } }, 'policy.yaml');
    expect(outcome.ok ? [] : outcome.error).toHaveLength(3);
    expect(parsePolicy(undefined, 'policy.yaml').ok).toBe(false);
  });

  it('is read or refused, whatever the document holds', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: false }), (value) => {
        expect(typeof parsePolicy(value, 'policy.yaml').ok).toBe('boolean');
        expect(read(value).ok || !read(value).ok).toBe(true);
      }),
    );
  });
});
