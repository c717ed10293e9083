import type { GitId } from '@flotilla/shared/base';
import { problemCodes } from '@flotilla/shared/model';
import { badRequest } from '../api-error.ts';
import { type Route, route } from '../route.ts';
import { planQuerySchema } from '../schema/index.ts';
import { settle } from './settle.ts';

/** What a state of Git would do before it is in force. */
export const planRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/plan',
    id: 'planRevision',
    summary: 'What a branch, tag or commit of the control repository would do; decides nothing.',
    query: planQuerySchema,
    answer: 'Plan',
    handle: ({ query: { commit, ref }, signal }, { api }) => {
      if (commit !== undefined && ref !== undefined)
        throw badRequest(
          { text: 'a plan is of a ref or of a commit, not of both' },
          problemCodes.invalidRequest,
        );
      // The schema has made sure of its form.
      return settle(api.plan({ ref, commit: commit as GitId | undefined }, signal), signal);
    },
  }),
];
