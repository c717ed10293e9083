import { type ItemKind, problemCodes } from '@flotilla/shared/model';
import { CliError, usageError } from '../cli-error.ts';
import type { ApiClient } from '../hub/index.ts';
import { checkName, oneOf } from '../kinds.ts';
import type { OutputFormat } from '../output/index.ts';
import { findTarget, readRollout } from './rollout-target.ts';
import {
  judgeConnected,
  judgePlacement,
  judgeReady,
  judgeRollout,
  type WaitCondition,
  type WaitVerdict,
} from './wait-verdict.ts';

/** Flags of `wait`. */
export interface WaitOptions {
  readonly output: OutputFormat;
  /** Default: `succeeded` for rollouts, `ready` for everything else. */
  readonly for?: WaitCondition | undefined;
  /** Milliseconds; undefined = for ever. */
  readonly timeout?: number | undefined;
  /** Milliseconds that something may be Degraded or Stalled before it counts as failed. */
  readonly grace: number;
  /** Of a placement: the commit that it must be at. */
  readonly commit?: string | undefined;
}

/** What is waited for, and how to look. */
export interface Watched {
  readonly kind: ItemKind;
  readonly name: string;
  readonly condition: WaitCondition;
  /** Which items, when they change, are a reason to look again. */
  readonly follows: { readonly kind: ItemKind; readonly fieldSelector: string };
  readonly look: (signal: AbortSignal) => Promise<WaitVerdict>;
}

const kindWords: { readonly [word: string]: ItemKind } = {
  cluster: 'clusters',
  placement: 'placements',
  assignment: 'assignments',
  rollout: 'rollouts',
};

/** What a NAME with its condition means. Rejects with CliError for what cannot be waited for. */
export async function watchedBy(
  client: ApiClient,
  text: string,
  options: WaitOptions,
  signal: AbortSignal,
): Promise<Watched> {
  const [word = '', ...rest] = text.split('/');
  const isWord = rest.length > 0 && Object.hasOwn(kindWords, word);
  const kind = isWord ? kindWords[word] : undefined;
  if (kind !== undefined) return watchedOf(client, { kind, name: checkName(kind, rest.join('/')) }, options);
  const target = await findTarget(client, text, signal);
  return watchedOf(client, { kind: `${target.kind}s`, name: target.name }, options);
}

function watchedOf(
  client: ApiClient,
  { kind, name }: { readonly kind: ItemKind; readonly name: string },
  options: WaitOptions,
): Watched {
  const condition = options.for ?? (kind === 'rollouts' ? 'succeeded' : 'ready');
  const { commit } = options;
  if (commit !== undefined && (kind !== 'placements' || condition !== 'ready'))
    throw usageError('--commit is for a placement that is to be ready');
  const itself = { kind, fieldSelector: `name=${name}` };
  const make = (follows: Watched['follows'], look: Watched['look']): Watched => ({
    kind,
    name,
    condition,
    follows,
    look,
  });
  if (condition === 'succeeded' && (kind === 'rollouts' || kind === 'placements')) {
    const target = { kind: kind === 'rollouts' ? 'rollout' : 'placement', name } as const;
    const placement = kind === 'placements' ? name : name.slice(0, name.lastIndexOf('-'));
    return make({ kind: 'rollouts', fieldSelector: `placement=${placement}` }, async (signal) => {
      const none: WaitVerdict = { kind: 'moving', unmet: [`there has been no rollout of ${name} yet`] };
      const view = await readRollout(client, target, signal).catch((error: unknown) => {
        const isNone = error instanceof CliError && error.code === problemCodes.rolloutUnknown;
        if (isNone && target.kind === 'placement') return undefined;
        throw error;
      });
      return view === undefined ? none : judgeRollout(view);
    });
  }
  if (condition === 'connected' && kind === 'clusters')
    return make(itself, async (signal) =>
      judgeConnected((await client.item('clusters', name, signal)).value),
    );
  if (condition !== 'ready' || kind === 'rollouts') {
    throw usageError(`a ${oneOf(kind)} cannot be waited for with --for ${condition}`, {
      cause:
        'rollouts: succeeded; placements: ready, succeeded; clusters: ready, connected; assignments: ready',
    });
  }
  if (kind === 'placements')
    return make(itself, async (signal) =>
      judgePlacement((await client.item(kind, name, signal)).value, commit),
    );
  return make(itself, async (signal) => judgeReady((await client.item(kind, name, signal)).value));
}
