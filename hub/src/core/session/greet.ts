import { limits } from '@flotilla/shared/base';
import type { Hello, RowClaim } from '@flotilla/shared/model';
import { protocolVersions, setDigest, streamTimes, zeroDigest } from '@flotilla/shared/model';
import type { HeldEntry } from './claims.ts';
import type { HubSessionEvent, HubSessionState, HubView } from './state.ts';
import { refuse, refuseProtocol, send, type Turn } from './turn.ts';

type HelloEvent = Extract<HubSessionEvent, { readonly kind: 'hello' }>;

/** greeting → holding: takes what the agent says it holds. What the hub may answer is decided with the view. */
export function takeHello(state: HubSessionState, event: HelloEvent, view: HubView): Turn {
  const { hello, proven, fence } = event;
  if (state.phase.kind !== 'greeting') return refuseProtocol(state, 'a second Hello on one stream');
  if (!hello.protocolVersions.some((version) => protocolVersions.includes(version))) {
    const text = `this hub speaks ${protocolVersions.join(', ')}; the agent offers ${hello.protocolVersions.join(', ') || 'none'}`;
    return refuse(state, { code: 'VERSION', text });
  }
  const fault = faultOf(hello);
  if (fault !== undefined) return refuseProtocol(state, fault);
  if (fence.kind === 'fenced') return refuseFenced(state, { fence, hello, view });
  const held = new Map(hello.held.map((claim) => [claim.placement, entryOf(claim, proven)]));
  const ignored = hello.held.length - proven.size;
  const next: HubSessionState = {
    ...state,
    phase: {
      kind: 'holding',
      peer: {
        incarnation: hello.incarnation,
        session: hello.session,
        reportSeq: 0,
        owedSinceMs: undefined,
      },
    },
    held,
    heldDigest: hello.heldDigest,
  };
  const rows = hello.held.filter((claim) => proven.has(claim.placement));
  return {
    state: next,
    outputs: [
      {
        kind: 'held',
        rows: rows.map(({ placement, version }) => ({ placement, version })),
      },
      ...(ignored > 0
        ? ([
            { kind: 'claims-ignored', count: ignored },
            {
              kind: 'raise',
              code: 'ClaimsUnproven',
              text: `${ignored} of ${hello.held.length} rows that the agent shows were not made by this fleet's hub`,
            },
          ] as const)
        : []),
    ],
  };
}

/** Why a Hello contradicts itself. */
function faultOf(hello: Hello): string | undefined {
  if (hello.held.length > limits.assignmentsPerClusterMax) {
    return `${hello.held.length} rows held; at most ${limits.assignmentsPerClusterMax} are allowed`;
  }
  if (new Set(hello.held.map((claim) => claim.placement)).size !== hello.held.length) {
    return 'a placement is held twice';
  }
  const odd = hello.held.find((claim) => claim.isRemoved !== (claim.variantDigest === zeroDigest));
  if (odd !== undefined) return `${odd.placement}: exactly a removal row has the zero digest`;
  if (setDigest(hello.held) !== hello.heldDigest) return 'held_digest is not the digest of held';
  return undefined;
}

/**
 * An older stream of the same cluster. While the newer one lives the agent is only turned away. When none lives its
 * store went back: Welcome names the newest incarnation known, so that it becomes a newer one.
 */
function refuseFenced(
  state: HubSessionState,
  {
    fence,
    hello,
    view,
  }: {
    readonly fence: Extract<HelloEvent['fence'], { readonly kind: 'fenced' }>;
    readonly hello: Hello;
    readonly view: HubView;
  },
): Turn {
  const { known } = fence;
  const text = `stream ${hello.incarnation}.${hello.session} is not newer than ${known.incarnation}.${known.session}`;
  const refused = refuse(state, { code: 'FENCED', text });
  if (known.isLive || view.cluster === undefined) return refused;
  const welcome = welcomeOf({ ...view, cluster: view.cluster }, known.incarnation);
  return { state: refused.state, outputs: [send(welcome), ...refused.outputs] };
}

/** The Welcome that a view gives. */
export function welcomeOf(
  view: HubView & { readonly cluster: NonNullable<HubView['cluster']> },
  incarnation: number,
) {
  return {
    kind: 'welcome',
    // The one version there is; with more, the newest that both speak.
    protocolVersion: protocolVersions[0] ?? 1,
    hubId: view.hubId,
    epoch: view.epoch,
    incarnation,
    clusterName: view.cluster.name,
    hubVersion: view.hubVersion,
    clusterLabels: view.cluster.labels,
    capabilities: [],
    reconnectCapMs: reconnectCapMs(view.fleetSize),
  } as const;
}

/** Agents of a small fleet need no minute to come back one by one. */
function reconnectCapMs(fleetSize: number | undefined): number | undefined {
  if (fleetSize === undefined) return undefined;
  const { backoffCapMinMs, backoffCapMs, backoffCapPerClusterMs } = streamTimes;
  return Math.min(backoffCapMs, Math.max(backoffCapMinMs, fleetSize * backoffCapPerClusterMs));
}

function entryOf(claim: RowClaim, proven: ReadonlySet<RowClaim['placement']>): HeldEntry {
  return {
    version: claim.version,
    variantDigest: claim.variantDigest,
    eventHash: claim.proof.eventHash,
    isProven: proven.has(claim.placement),
  };
}
