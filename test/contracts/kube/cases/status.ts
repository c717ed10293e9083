import type { CaseGroup } from '../contract-case.ts';
import { configMap, deployment } from '../manifests.ts';
import { refused } from '../story.ts';

function withStatus(status: object) {
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, status };
}

function condition(type: string, status: string): object {
  const at = '2026-01-01T00:00:00Z';
  return { type, status, lastUpdateTime: at, lastTransitionTime: at, reason: 'Said', message: 'so' };
}

/** The status subresource. */
export const statusSubresource: CaseGroup = {
  name: 'status',
  needs: 'api-server',
  cases: [
    {
      name: 'a status apply writes the status and no generation',
      run: async (story) => {
        await story.apply(deployment('web', { replicas: 1 }));
        const status = { observedGeneration: 1, replicas: 1, conditions: [condition('Available', 'True')] };
        await story.apply(withStatus(status), { as: 'operator', subresource: 'status' });
        await story.apply(deployment('web', { replicas: 2 }));
      },
    },
    {
      name: 'conditions are merged by type',
      run: async (story) => {
        await story.apply(deployment('web', { replicas: 1 }));
        const apply = (as: string, ...list: readonly object[]) =>
          story.apply(withStatus({ conditions: list }), { as, subresource: 'status' });
        await apply('operator', condition('Available', 'True'));
        await apply('second', condition('Progressing', 'True'));
        await refused(apply('second', condition('Progressing', 'True'), condition('Available', 'False')));
        await apply('operator');
      },
    },
    {
      name: 'a status apply does not touch the rest',
      run: async (story) => {
        await story.apply(deployment('web', { replicas: 1 }));
        const all = { ...withStatus({ replicas: 1 }), spec: { replicas: 9 } };
        await story.apply(all, { as: 'operator', subresource: 'status' });
      },
    },
    {
      name: 'a status apply to an object that is not there is refused',
      run: async (story) => {
        await refused(story.apply(withStatus({ replicas: 1 }), { as: 'operator', subresource: 'status' }));
      },
    },
    {
      name: 'a conflict about the status names the subresource',
      run: async (story) => {
        await story.apply(deployment('web', { replicas: 1 }));
        await story.apply(withStatus({ replicas: 1 }), { as: 'operator', subresource: 'status' });
        await refused(story.apply(withStatus({ replicas: 2 }), { as: 'second', subresource: 'status' }));
      },
    },
    {
      name: 'a kind without a status has no such subresource',
      run: async (story) => {
        await story.apply(configMap('settings', { a: 'b' }));
        await refused(story.apply(configMap('settings', { a: 'c' }), { subresource: 'status' }));
      },
    },
  ],
};
