import { describe, expect, it } from 'vitest';
import { describeRule, kubeErrorFrom } from './kube-status.ts';

const request = { group: 'node.k8s.io', namespace: undefined, name: undefined } as const;

describe('the rule that a refused request lacks', () => {
  it('has all verbs of a kind that is applied, whichever of them was refused first', () => {
    const rule =
      '{apiGroups: ["node.k8s.io"], resources: ["runtimeclasses"], verbs: [get, list, watch, create, patch, update, delete]} cluster-wide';
    for (const verb of ['list', 'watch', 'patch'])
      expect(describeRule({ ...request, resource: 'runtimeclasses', verbs: [verb] })).toBe(rule);
  });

  it('asks for no writes of what is only looked at, and of a subresource for what was refused', () => {
    expect(describeRule({ ...request, group: '', resource: 'pods', verbs: ['list'] })).toContain(
      'verbs: [get, list, watch]}',
    );
    expect(describeRule({ ...request, resource: 'widgets/status', verbs: ['patch'] })).toContain(
      'verbs: [patch]}',
    );
  });
});

describe('a refusal with 403', () => {
  const asked = { group: '', resource: 'configmaps', namespace: 'shop', name: 'cart', verbs: ['patch'] };
  const refused = (message: string) =>
    kubeErrorFrom(
      { code: 403, reason: 'Forbidden', message, causes: [], name: 'cart', retryAfterMs: undefined },
      'apply ConfigMap shop/cart',
      asked,
    ).message;

  it('of authorization says which rule is missing', () => {
    const message =
      'configmaps "cart" is forbidden: User "agent" cannot patch resource "configmaps" in API group "" in the namespace "shop"';
    expect(refused(message)).toContain('missing rule: {apiGroups: [""], resources: ["configmaps"]');
  });

  it.each([
    'configmaps "cart" is forbidden: unable to create new content in namespace shop because it is being terminated',
    'pods "cart" is forbidden: exceeded quota: compute, requested: cpu=1, used: cpu=4, limited: cpu=4',
    'admission webhook "policy.example.org" denied the request: no team label',
    'pods "cart" is forbidden: violates PodSecurity "restricted:latest": privileged',
  ])('of admission asks for no right: %s', (message) => {
    expect(refused(message)).toBe(`apply ConfigMap shop/cart: ${message}`);
  });
});
