import { decide, type Step, wait } from './decide.ts';
import { type Gate, gateOf, keyOf } from './gate.ts';
import type { RolloutMoment } from './moment.ts';

/** Codes of the reasons that say that a rollout stands at a gate. */
export const gateCodes: readonly string[] = ['NeedsApproval', 'WaitsForCheck'];

/** What a rollout does at a gate; undefined = it stands at none. */
export function atGate(moment: RolloutMoment): Step | undefined {
  const { rollout, state, nowMs } = moment;
  const gate = gateOf(rollout, nowMs);
  if (gate === undefined) return undefined;
  if (gate.kind === 'check') return atCheck(moment, gate);
  const text = `what comes after stage ${gate.name} waits for a person: flotilla rollout approve ${state.placement}`;
  return wait([{ code: 'NeedsApproval', text, subject: rollout.id }]);
}

/** An answer becomes a decision, which counts once with any number of hubs; who loses the race looks again. */
function atCheck({ rollout, evidence }: RolloutMoment, gate: Extract<Gate, { kind: 'check' }>): Step {
  const { stage, check } = gate;
  const answer = evidence.answerOf?.(keyOf(rollout, gate));
  if (answer?.kind === 'passed' || answer?.kind === 'failed') {
    const kind = answer.kind === 'passed' ? 'check-passed' : 'check-failed';
    return decide(evidence, { kind, rollout: rollout.id, stage, check: check.name, text: answer.text });
  }
  const said = answer === undefined || answer.text === '' ? 'it is asked' : answer.text;
  const text = `waits for check ${check.name} of stage ${gate.name}: ${said}`;
  return wait([{ code: 'WaitsForCheck', text, subject: rollout.id }]);
}
