import type { GitId } from '@flotilla/shared/base';
import { describe, expect, it } from 'vitest';
import { policyWith } from './policy-fixture.ts';
import { refuseContent, signersFor } from './refuse-content.ts';
import { refuseObject } from './refuse-object.ts';

const treeId = 'a'.repeat(40) as GitId;
const contentOf = (repositoryUrl: string, ...paths: readonly string[]) => ({
  repositoryUrl,
  trees: paths.map((path) => ({ path, treeId })),
});
const refOf = (text: string, namespace: string | undefined, name = 'one') => {
  const [kind = '', ...group] = text.split('.');
  return { group: group.join('.'), version: 'v1', kind, namespace, name };
};

describe('content', () => {
  const shop = 'https://git.example.org/shop.git';
  const policy = policyWith({
    repositories: [
      { url: shop, paths: ['apps', 'lib/base'], signers: ['ada'] },
      { url: 'https://git.example.org/team/', paths: undefined, signers: undefined },
    ],
  });

  it.each([
    [shop, ['apps/web']],
    ['https://git.example.org/shop', ['apps', 'lib/base/x']],
    ['https://git.example.org/team/api.git', ['']],
  ])('of %s at %j is taken', (url, paths) => {
    expect(refuseContent(contentOf(url, ...paths), policy)).toBeUndefined();
  });

  it.each([
    ['https://git.example.org/other.git', ['apps'], 'repositories'],
    ['https://git.example.org/shop.git.evil', ['apps'], 'repositories'],
    ['https://git.example.org/team/../other.git', ['apps'], 'repositories'],
    ['https://git.example.org/team/%2e%2e/other.git', ['apps'], 'repositories'],
    ['https://git.example.org/team', ['apps'], 'repositories'],
    ['https://elsewhere.example.org/team/api.git', ['apps'], 'repositories'],
    [shop, [''], 'paths'],
    [shop, ['apps', 'secrets'], 'paths'],
    [shop, ['apps-of-others'], 'paths'],
  ])('of %s at %j is refused by %s', (url, paths, rule) => {
    const refusal = refuseContent(contentOf(url, ...paths), policy);
    expect(refusal?.rule).toBe(rule);
    expect(refusal?.text).toContain(`(${rule} in policy.yaml)`);
  });

  it('shows no login', () => {
    const refusal = refuseContent(contentOf('https://ada:secret@git.example.org/x', 'apps'), policy);
    expect(refusal?.text).not.toContain('secret');
  });

  it('of a repository that names signers needs one of them', () => {
    expect(signersFor(contentOf(shop, 'apps'), policy)).toEqual([['ada']]);
    expect(signersFor(contentOf('https://git.example.org/team/api', ''), policy)).toEqual([]);
    expect(signersFor(contentOf(shop, 'apps'), undefined)).toEqual([]);
  });
});

describe('an object', () => {
  const policy = policyWith({
    namespaces: ['shop', 'team-*'],
    kinds: ['ConfigMap', '*.apps', 'Namespace', 'ClusterRole.r'],
  });

  it.each([
    ['ConfigMap', 'shop'],
    ['Deployment.apps', 'team-a'],
  ])('%s in %s is taken', (kind, namespace) => {
    expect(refuseObject(refOf(kind, namespace), policy)).toBeUndefined();
  });

  it.each([
    ['Secret', 'shop', 'kinds'],
    ['ConfigMap.example.org', 'shop', 'kinds'],
    ['ConfigMap', 'shopping', 'namespaces'],
    ['ConfigMap', 'team', 'namespaces'],
    ['ClusterRole.r', undefined, 'namespaces'],
  ])('%s in %s is refused by %s', (kind, namespace, rule) => {
    const refusal = refuseObject(refOf(kind, namespace), policy);
    expect(refusal?.rule).toBe(rule);
    expect(refusal?.text).toContain(`(${rule} in policy.yaml)`);
  });

  it('that is a namespace goes by its own name', () => {
    expect(refuseObject(refOf('Namespace', undefined, 'team-b'), policy)).toBeUndefined();
    expect(refuseObject(refOf('Namespace', undefined, 'kube-system'), policy)?.rule).toBe('namespaces');
  });

  it('that is cluster-wide is taken where it is listed, or where nothing limits it', () => {
    const listed = { ...policy, clusterKinds: ['ClusterRole.r'] };
    expect(refuseObject(refOf('ClusterRole.r', undefined), listed)).toBeUndefined();
    expect(refuseObject(refOf('Deployment.apps', undefined), listed)?.rule).toBe('clusterKinds');
    expect(refuseObject(refOf('ClusterRole.r', undefined), policyWith())).toBeUndefined();
    expect(refuseObject(refOf('ClusterRole.r', undefined), undefined)).toBeUndefined();
  });
});
