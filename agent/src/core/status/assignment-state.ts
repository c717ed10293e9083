import { assertNever, formatDurationMs } from '@flotilla/shared/base';
import type { AgentState, AssignmentPhase, Row } from '@flotilla/shared/model';
import { formatRef } from '@flotilla/shared/model';
import type { ChecksVerdict } from '../checks/index.ts';
import type { Health } from '../health/index.ts';
import type { Plan } from '../plan/index.ts';

/** Something wrong before planning: content that cannot be fetched, rendered or placed; records that cannot be read. */
export interface Trouble {
  readonly code: string;
  readonly text: string;
  /** True: only a change by a person helps. */
  readonly isFinal: boolean;
}

/** Everything that the state of one assignment follows from. */
export interface StateInput {
  readonly row: Row;
  /** What the agent is doing for the row now. */
  readonly phase: AssignmentPhase;
  /** Why the row's content is not there; the content before it may still be kept up. */
  readonly trouble: Trouble | undefined;
  /** The last plan for the row's own content; undefined = none was made yet. */
  readonly plan: Plan | undefined;
  /** Of the row's own objects; undefined until everything is applied. */
  readonly health: Health | undefined;
  /** Of the row's stage, as far as they were asked; `hold` also when it asks for none. */
  readonly checks: ChecksVerdict;
  /** The change that the row brought may be on trial, or was taken back; absent = neither. */
  readonly trial?: TrialSight;
  /** The row's deadline passed, or it has been unhealthy for as long after having been Ready. */
  readonly isLate: boolean;
  readonly deadlineMs: number;
}

/** What `confirm` means for a row. */
export type TrialSight =
  | { readonly kind: 'none' }
  /** The link did not outlive it yet. */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'taken-back'; readonly text: string };

/** A state in the product's words with its reason. */
export interface StateVerdict {
  readonly state: AgentState;
  readonly phase: AssignmentPhase | undefined;
  /** UpperCamelCase; '' when Ready. */
  readonly reason: string;
  readonly text: string;
}

/** The state of an assignment. The first rule that applies decides. */
export function stateOf(input: StateInput): StateVerdict {
  const { row, trouble, plan } = input;
  if (row.kind === 'removal') return removalState(input);
  if (row.suspension !== undefined) return verdict('Suspended', 'Suspended', row.suspension.reason);
  if (trouble !== undefined) return troubleState(trouble, input);
  if (input.trial?.kind === 'taken-back') return verdict('Degraded', 'Reverted', input.trial.text);
  if (plan === undefined) return input.isLate ? late(input) : progressing(input, '', '');
  const final = plan.blocked.find((one) => one.isFinal);
  if (final !== undefined)
    return verdict('Stalled', final.code, andMore(final.text, plan.blocked.length - 1));
  if (plan.heldPrune !== undefined) return verdict('Stalled', 'PruneHeld', describeHeld(plan));
  if (!plan.isApplied) {
    const [first] = plan.blocked;
    if (input.isLate) return late(input);
    return progressing({ ...input, phase: 'applying' }, first?.code ?? '', first?.text ?? '');
  }
  return appliedState(input, plan);
}

function removalState({ plan, trouble }: StateInput): StateVerdict {
  if (trouble !== undefined)
    return { state: 'Removing', phase: 'pruning', reason: trouble.code, text: trouble.text };
  if (plan?.settled === true) return verdict('Removed', '', '');
  const [blocked] = plan?.blocked ?? [];
  const [reason, text] =
    plan?.heldPrune === undefined
      ? [blocked?.code ?? '', blocked?.text ?? '']
      : ['PruneHeld', describeHeld(plan)];
  return { state: 'Removing', phase: 'pruning', reason, text };
}

function troubleState(trouble: Trouble, input: StateInput): StateVerdict {
  const isStalled = trouble.isFinal || input.isLate;
  return isStalled
    ? verdict('Stalled', trouble.code, trouble.text)
    : progressing(input, trouble.code, trouble.text);
}

function appliedState(input: StateInput, plan: Plan): StateVerdict {
  const { health } = input;
  if (health === undefined) return progressing({ ...input, phase: 'verifying' }, '', '');
  if (health.status === 'Failed') return { ...unwell(health, 'Failed'), state: 'Degraded', phase: undefined };
  if (health.status !== 'Current') {
    const told = unwell(health, health.status === 'Unknown' ? 'Unknown' : 'InProgress');
    return input.isLate
      ? {
          ...told,
          state: 'Degraded',
          phase: undefined,
          text: `not healthy after ${formatDurationMs(input.deadlineMs)}: ${told.text}`,
        }
      : { ...told, state: 'Progressing', phase: 'verifying' };
  }
  if (plan.settled) return checkedState(input);
  const [first] = plan.blocked;
  return progressing({ ...input, phase: 'pruning' }, first?.code ?? '', first?.text ?? '');
}

/** Everything is applied and healthy: the checks of the stage decide. */
function checkedState(input: StateInput): StateVerdict {
  const { checks } = input;
  switch (checks.kind) {
    case 'hold':
      return input.trial?.kind === 'waiting' ? unconfirmed(input) : verdict('Ready', '', '');
    case 'blocked':
      return verdict('Stalled', checks.code, checks.text);
    case 'failed':
      return verdict('Degraded', 'CheckFailed', checks.text);
    case 'waiting': {
      if (!input.isLate) return progressing({ phase: 'verifying' }, 'CheckWaiting', checks.text);
      const text = `not passed after ${formatDurationMs(input.deadlineMs)}: ${checks.text}`;
      return verdict('Degraded', 'CheckFailed', text);
    }
    default:
      return assertNever(checks);
  }
}

/** All is well, and nobody was heard since: whoever would be told that it is Ready may be cut off by it. */
function unconfirmed(input: StateInput): StateVerdict {
  const text = 'neither hub nor bus was heard since all of it was applied and had settled (confirm)';
  if (!input.isLate) return progressing({ phase: 'verifying' }, 'LinkUnconfirmed', text);
  return verdict('Degraded', 'LinkUnconfirmed', text);
}

/** The first object that keeps the set from being healthy. */
function unwell(health: Health, status: 'Failed' | 'Unknown' | 'InProgress') {
  const matching = health.verdicts.filter(({ verdict: one }) => one.status === status);
  const [first] =
    matching.length > 0 ? matching : health.verdicts.filter(({ verdict: one }) => one.status !== 'Current');
  const reason = status === 'Failed' ? 'Unhealthy' : first?.verdict.reason || 'NotReadyYet';
  if (first === undefined) return { reason, text: '' };
  const text = `${formatRef(first.ref)}: ${first.verdict.message || first.verdict.reason}`;
  return { reason, text: andMore(text, health.verdicts.length - health.healthy - 1) };
}

function late(input: StateInput): StateVerdict {
  const [first] = input.plan?.blocked ?? [];
  const why = first === undefined ? `still ${input.phase}` : first.text;
  const text = `not applied after ${formatDurationMs(input.deadlineMs)}: ${why}`;
  return verdict('Stalled', first?.code ?? 'DeadlinePassed', text);
}

function describeHeld(plan: Plan): string {
  const held = plan.heldPrune;
  if (held === undefined) return '';
  const [first] = held.refs;
  const example = first === undefined ? '' : ` (${andMore(formatRef(first), held.refs.length - 1)})`;
  return `${held.reason}: waits for permission${example}`;
}

function andMore(text: string, more: number): string {
  return more > 0 ? `${text} (and ${more} more)` : text;
}

function verdict(state: AgentState, reason: string, text: string): StateVerdict {
  return { state, phase: undefined, reason, text };
}

function progressing(input: { readonly phase: AssignmentPhase }, reason: string, text: string): StateVerdict {
  return { state: 'Progressing', phase: input.phase, reason: reason || 'Progressing', text };
}
