import type { GitId } from '../../base/index.ts';
import type { GitWorld } from '../git-world-fixture.ts';

/** A repository of a few applications, of which `apps/shop` is wanted. */
export async function commitApps(world: GitWorld): Promise<{ readonly commit: GitId; readonly tree: GitId }> {
  const others = Array.from({ length: 30 }, (_, index) => [
    `apps/other${index}/a.yaml`,
    `n: ${index}\n`.repeat(99),
  ]);
  const commit = await world.repository.commit({
    ...Object.fromEntries(others),
    'apps/shop/deployment.yaml': 'kind: Deployment\n'.repeat(50),
    'apps/shop/base/service.yaml': 'kind: Service\n'.repeat(50),
    'README.md': 'hello\n',
  });
  return { commit, tree: await world.repository.idOf(`${commit}:apps/shop`) };
}
