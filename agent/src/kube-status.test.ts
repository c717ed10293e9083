import { describe, expect, it } from 'vitest';
import { describeRule } from './kube-status.ts';

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
