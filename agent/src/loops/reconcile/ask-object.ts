import type { AssignmentRow, CelCheck, KstatusCheck } from '@flotilla/shared/model';
import { healthVariables } from '@flotilla/shared/model';
import {
  type CheckAnswer,
  judgeCelCheck,
  judgeKstatusCheck,
  type LocatedObject,
  locateObject,
  maskText,
} from '../../core/index.ts';
import { kubeFailure } from '../cluster/index.ts';
import type { EngineContext } from '../engine/engine-context.ts';
import type { AskedMemory } from './check-memory.ts';
import { loadCel } from './load-rules.ts';

/** An object that cannot be read now is believed to be as it was for so long, as with a lost watch. */
const believedMs = 45_000;

interface Asking {
  readonly check: KstatusCheck | CelCheck;
  readonly row: AssignmentRow;
  readonly signal: AbortSignal;
}

/** Reads the object of a check, whoever owns it, and judges it. Rejects only on abort. */
export async function askObject(
  context: EngineContext,
  state: AskedMemory,
  asking: Asking,
): Promise<CheckAnswer> {
  const { signal } = asking;
  const located = await locate(context, asking);
  if (!located.ok) return located.error;
  state.ref = located.value.ref;
  const answer = await readAndJudge(context, { state, asking, located: located.value });
  signal.throwIfAborted();
  return answer;
}

/** A kind that is not served is asked for once more: its definition may have come with this very assignment. */
async function locate(context: EngineContext, { check, row, signal }: Asking) {
  const find = () =>
    locateObject(check.object, {
      kinds: context.discovery.kinds,
      namespace: row.variant.render.namespace,
      agentNamespace: context.config.namespace,
    });
  const first = find();
  if (first.ok || first.error.kind !== 'waiting') return first;
  await context.discovery.refresh(signal).catch(() => signal.throwIfAborted());
  return find();
}

async function readAndJudge(
  { slots, ports, clock }: EngineContext,
  {
    state,
    asking,
    located,
  }: { readonly state: AskedMemory; readonly asking: Asking; readonly located: LocatedObject },
): Promise<CheckAnswer> {
  const { check, signal } = asking;
  const { ref } = located;
  try {
    const object = await slots.run(() => ports.kube.get(ref, signal), signal);
    const nowMs = clock.nowMs();
    state.unreadSinceMs = undefined;
    const uid = object?.metadata.uid ?? '';
    if (state.seen?.uid !== uid) state.seen = { uid, atMs: nowMs };
    const sight = { located, object, ageMs: nowMs - state.seen.atMs };
    if (check.kind === 'kstatus') return judgeKstatusCheck(sight);
    state.program ??= (await loadCel()).parseCel(check.expression, healthVariables);
    return judgeCelCheck(sight, state.program);
  } catch (error) {
    signal.throwIfAborted();
    return unread(error, { state, located, nowMs: clock.nowMs() });
  }
}

function unread(
  error: unknown,
  {
    state,
    located: { ref },
    nowMs,
  }: { readonly state: AskedMemory; readonly located: LocatedObject; readonly nowMs: number },
): CheckAnswer {
  const { severity, reason } = kubeFailure(error, { verb: 'Check', ref });
  if (severity === 'final') return { kind: 'blocked', code: reason.code, text: reason.text, ref };
  state.unreadSinceMs ??= nowMs;
  const isBelieved = state.answer.kind === 'holds' && nowMs - state.unreadSinceMs <= believedMs;
  if (isBelieved) return state.answer;
  return { kind: 'waiting', text: `cannot be read: ${maskText(reason.text, ref.kind)}`, ref };
}
