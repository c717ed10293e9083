import { formatRef } from '@flotilla/shared/model';
import type { Decision } from './decide.ts';
import type { DesiredObject, PlanInput } from './goal.ts';
import type { Blocked } from './plan.ts';

/** A wanted object with what is to be done about it. */
export type Decided = { readonly object: DesiredObject; readonly decision: Decision };

/** Objects that wait for a namespace of the same set. */
export function waitingForNamespaces(decided: readonly Decided[], input: PlanInput): readonly Blocked[] {
  const missing = new Set(
    decided
      .filter(({ object }) => object.ref.kind === 'Namespace' && object.ref.group === '')
      .filter(({ object }) => input.live.get(object.key)?.kind !== 'present')
      .map(({ object }) => object.ref.name),
  );
  return decided
    .filter(({ object, decision }) => decision.kind === 'apply' && missing.has(object.ref.namespace ?? ''))
    .map(({ object }) =>
      waitOf(object, 'WaitingForNamespace', `waits for namespace ${object.ref.namespace}`),
    );
}

/**
 * Objects that wait for a hook of an earlier stage. A hook that is still to be applied holds nothing here: its stage comes
 * first anyway.
 */
export function waitingForHooks(decided: readonly Decided[], input: PlanInput): readonly Blocked[] {
  const open = decided
    .filter((one) => one.object.holdsLater === true && isOpen(one, input))
    .sort((left, right) => left.object.stage - right.object.stage);
  const [first] = open;
  if (first === undefined) return [];
  const later = decided.filter((one) => isPending(one) && one.object.stage > first.object.stage);
  return later.map(({ object }) => waitForHook(object, first.object, input));
}

function waitForHook(object: DesiredObject, hook: DesiredObject, input: PlanInput): Blocked {
  const name = formatRef(hook.ref);
  const sight = input.live.get(hook.key);
  const isFailed = sight?.kind === 'present' && sight.health === 'Failed';
  if (!isFailed) return waitOf(object, 'WaitingForHook', `waits until hook ${name} has run to its end`);
  const text = `waits: hook ${name} failed; change it, or delete it to have it run again`;
  return { ...waitOf(object, 'HookFailed', text), isFinal: true };
}

/** Applied and not at its end, or not to be applied now. */
function isOpen({ object, decision }: Decided, input: PlanInput): boolean {
  if (decision.kind === 'blocked') return true;
  const sight = input.live.get(object.key);
  return decision.kind === 'done' && sight?.kind === 'present' && sight.health !== 'Current';
}

function isPending({ decision }: Decided): boolean {
  return decision.kind !== 'done' && decision.kind !== 'blocked' && decision.kind !== 'read';
}

function waitOf({ ref }: DesiredObject, code: string, text: string): Blocked {
  const subject = formatRef(ref);
  return { code, text: `${subject} ${text}`, subject, isFinal: false, ref };
}
