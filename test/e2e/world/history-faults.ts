import { join } from 'node:path';
import { openRepository, type TestRepository } from '../../real/git-server/index.ts';
import { type BadInput, unreadable } from './bad-input.ts';
import { screenOf } from './command-line.ts';
import type { World } from './world.ts';

/** The control repository as the server has it; changed without its hooks. */
export function servedRepository({ control }: World): TestRepository {
  return openRepository(join(control.settings.gitRoot, 'control.git'));
}

/** A commit that takes every file out. */
export async function emptiedRepository(world: World): Promise<BadInput> {
  const { workshop, settings } = world.control;
  const full = await workshop.clone.idOf('main^{tree}');
  return {
    bring: async () => {
      const commit = await workshop.clone.commit({ 'README.md': 'gone\n' }, { replaceAll: true });
      await workshop.clone.push(settings.controlUrl);
      return commit;
    },
    mend: async () => {
      const back = await workshop.clone.commitTree(full, [await workshop.clone.idOf('main')]);
      await workshop.clone.setBranch('main', back);
      await workshop.clone.push(settings.controlUrl);
    },
    says: (commit) => ['Emptied', commit.slice(0, 12), `flotilla source accept control ${commit}`],
  };
}

/** The followed branch goes, and another one is there. */
export async function deletedBranch(world: World): Promise<BadInput> {
  const served = servedRepository(world);
  const where = await unreadable(world);
  const tip = await served.idOf('main');
  await served.setBranch('other', tip);
  return {
    bring: async () => {
      await served.deleteBranch('main');
      return undefined;
    },
    mend: async () => {
      await served.setBranch('main', tip);
      await served.deleteBranch('other');
    },
    says: () => [...where, 'GIT_REF_MISSING', 'no branch or tag "main"', 'push the branch or tag again'],
  };
}

/** Every branch goes. */
export async function deletedBranches(world: World): Promise<BadInput> {
  const served = servedRepository(world);
  const where = await unreadable(world);
  const tip = await served.idOf('main');
  return {
    bring: async () => {
      await served.deleteBranch('main');
      return undefined;
    },
    mend: () => served.setBranch('main', tip),
    says: () => [...where, 'GIT_EMPTY_REPOSITORY', 'push a commit'],
  };
}

/** The same files as another history; a person accepts it in the end. */
export async function forcedPush(world: World): Promise<BadInput> {
  const { workshop, settings } = world.control;
  const before = await workshop.clone.idOf('main');
  return {
    bring: async () => {
      const commit = await workshop.clone.commitTree(await workshop.clone.idOf('main^{tree}'), [], 'Anew');
      await workshop.clone.setBranch('main', commit);
      await workshop.clone.push(settings.controlUrl, '+main');
      return commit;
    },
    mend: async () => {
      const commit = await workshop.clone.idOf('main');
      const reason = 'history was rewritten on purpose';
      await screenOf(world, 'source', 'accept', 'control', commit, '--reason', reason);
    },
    says: (commit) => [
      'NotFastForward',
      'main was rewritten',
      `${commit.slice(0, 12)} does not follow ${before.slice(0, 12)}`,
      `flotilla source accept control ${commit}`,
    ],
  };
}
