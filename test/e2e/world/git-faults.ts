import type { Fault } from '../../real/git-server/index.ts';
import { type BadInput, crashHub, unreadable } from './bad-input.ts';
import type { World } from './world.ts';

/** A way in which a Git server misbehaves, and what the one message about it says: the code, the cause, what to do. */
export interface GitFault {
  readonly fault: Fault;
  readonly says: readonly string[];
}

/** Faults of the server itself, whatever is asked. */
export const serverFaults: readonly GitFault[] = [
  {
    fault: 'unauthorized',
    says: ['GIT_UNAUTHORIZED', '(401)', 'check that the credential exists under its name'],
  },
  {
    fault: 'forbidden',
    says: ['GIT_FORBIDDEN', '(403)', 'give the credential read access to the repository'],
  },
  { fault: 'server-error', says: ['GIT_SERVER_ERROR', '(500)', "look at the Git server's logs"] },
  { fault: 'hang', says: ['GIT_TIMEOUT', 'was silent for 2 s', "look at the Git server's health"] },
  { fault: 'empty-advertisement', says: ['GIT_EMPTY_ADVERTISEMENT', "look at the Git server's logs"] },
  { fault: 'html', says: ['GIT_HTML_ANSWER', 'answers with a web page', 'check URL and credential'] },
];

/** Shows only when there is something to fetch. */
export const truncatedPack: GitFault = {
  fault: 'truncated-pack',
  says: ['GIT_TRUNCATED_PACK', 'it is tried again'],
};

/** How long a server may be silent where the words above are read. */
export const silenceMs = 2_000;

/** How a fault comes over the control repository, and goes. */
export function misbehaving(world: World, { fault, says }: GitFault): () => Promise<BadInput> {
  return async () => {
    const where = await unreadable(world);
    return {
      bring: async () => {
        await world.control.gitMisbehaves(fault);
        // The advertisement is asked for once in the life of a hub process.
        if (fault === 'empty-advertisement') await crashHub(world);
        return undefined;
      },
      mend: () => world.control.gitMisbehaves(),
      says: () => [...where, ...says],
    };
  };
}

/** A commit that cannot be fetched, because its pack is cut off. */
export function fetchingNews(world: World): () => Promise<BadInput> {
  return async () => {
    const cut = await misbehaving(world, truncatedPack)();
    return {
      ...cut,
      bring: async () => {
        await cut.bring();
        return await world.control.workshop.push({ 'NOTES.md': 'nothing that is placed\n' }, 'Notes');
      },
    };
  };
}
