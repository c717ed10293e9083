import { type RolloutOperated, type RolloutVerb, rolloutVerbs } from '@flotilla/shared/model';
import type { AskedOperation, RolloutRequest } from '../../../api-port.ts';
import { type Call, type Route, type RouteDeps, route } from '../route.ts';
import {
  approvePruneSchema,
  approveRolloutSchema,
  operateRolloutSchema,
  skipClusterSchema,
  type z,
} from '../schema/index.ts';
import { byAdmin, settle } from './settle.ts';

const summaries: { readonly [verb in RolloutVerb]: string } = {
  pause: 'No wave opens until resume; what was started goes on, and failures are still seen.',
  resume: 'Ends a pause, and a halt.',
  approve: 'Lets what comes after a stage begin.',
  promote: 'Ends the soak of the open wave; skips no check of failure.',
  urgent:
    'Lets the release that Git asks for replace what runs, pass windows that exempt urgent, and soak less; needs a reason.',
  abort: 'Ends the rollout where it stands: who has its release keeps it, nobody else gets it until retry.',
  undo: 'Goes back to the stable release and rejects what is undone until retry or a change in Git.',
  retry: 'Lets what was rolled back, aborted, halted or skipped start again.',
  skip: 'Leaves a cluster out of the rollout that runs.',
  'approve-prune': 'Lets the agent of a cluster delete exactly the list that it holds back.',
};

/** What a person may do about a rollout, named by its id or by its placement. */
export const rolloutRoutes: readonly Route[] = rolloutVerbs.flatMap((verb) => [
  operationRoute(verb, { kind: 'rollout', path: `/rollouts/{name}/${verb}`, id: `${wordOf(verb)}Rollout` }),
  operationRoute(verb, {
    kind: 'placement',
    path: `/placements/{name}/rollout/${verb}`,
    id: `${wordOf(verb)}RolloutOfPlacement`,
  }),
]);

/** A verb as part of an operation's id. */
function wordOf(verb: RolloutVerb): string {
  return verb === 'approve-prune' ? 'approvePrune' : verb;
}

interface Place {
  readonly kind: RolloutRequest['target']['kind'];
  readonly path: string;
  readonly id: string;
}

function operationRoute(verb: RolloutVerb, place: Place): Route {
  const { id, kind, path } = place;
  const declared = { method: 'POST', path, id, summary: summaries[verb], answer: 'RolloutOperated' } as const;
  switch (verb) {
    case 'skip':
      return route({
        ...declared,
        body: skipClusterSchema,
        handle: operating(kind, ({ cluster }: SkipBody) => ({ verb, cluster })),
      });
    case 'approve-prune':
      return route({
        ...declared,
        body: approvePruneSchema,
        handle: operating(kind, ({ cluster, hash }: PruneBody) => ({ verb, cluster, hash })),
      });
    case 'approve':
      return route({
        ...declared,
        body: approveRolloutSchema,
        handle: operating(kind, ({ stage }: ApproveBody) => ({ verb, stage })),
      });
    default:
      return route({ ...declared, body: operateRolloutSchema, handle: operating(kind, () => ({ verb })) });
  }
}

type AnyBody = z.output<typeof operateRolloutSchema>;
type SkipBody = z.output<typeof skipClusterSchema>;
type PruneBody = z.output<typeof approvePruneSchema>;
type ApproveBody = z.output<typeof approveRolloutSchema>;

function operating<Body extends AnyBody>(
  kind: Place['kind'],
  operationOf: (body: Body) => AskedOperation,
): (call: Call<unknown, Body>, deps: RouteDeps) => Promise<RolloutOperated> {
  return ({ params, body, signal }, { api }) => {
    const request = {
      target: { kind, name: params['name'] ?? '' },
      operation: operationOf(body),
      expectedSeq: body.expectedSeq,
      by: byAdmin(body.reason),
    };
    return settle(api.operateRollout(request, signal), signal);
  };
}
