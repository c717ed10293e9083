import type { Result } from '@flotilla/shared/base';
import { err, ok } from '@flotilla/shared/base';
import type { CelProgram } from '@flotilla/shared/base/cel';
import type { CheckedObject, KubeObject, ObjectRef } from '@flotilla/shared/model';
import { formatRef, groupKindKey } from '@flotilla/shared/model';
import { celDataOf, judgeCurrency, judgeObject, whyNoAnswer } from '../health/index.ts';
import type { KindTable } from '../render/index.ts';
import type { CheckAnswer } from './check-answer.ts';

/** Where a row's checks look. */
export interface CheckPlace {
  readonly kinds: KindTable;
  /** Of objects that name none. */
  readonly namespace: string | undefined;
  /** The agent's own: it holds identity and credentials, of which no check may learn anything. */
  readonly agentNamespace: string;
}

/** An object that a check is about, or why it cannot be looked at. */
export interface LocatedObject {
  readonly ref: ObjectRef;
  readonly hasStatus: boolean;
}

/** Finds the object of a check by what the cluster serves. */
export function locateObject(
  object: CheckedObject,
  { kinds, namespace, agentNamespace }: CheckPlace,
): Result<LocatedObject, CheckAnswer> {
  const { group, kind, name } = object;
  const served = kinds.preferred({ group, kind });
  if (served === undefined) {
    const key = groupKindKey({ group, kind });
    const why = kinds.isUnreadable(group)
      ? `the API group of ${key} cannot be read now`
      : `the cluster does not serve kind ${key}`;
    return err({ kind: 'waiting', text: why, ref: undefined });
  }
  const where = served.isNamespaced ? (object.namespace ?? namespace) : undefined;
  const ref: ObjectRef = { group, version: served.version, kind, namespace: where, name };
  if (served.isNamespaced && where === undefined)
    return err(invalid(ref, 'names no namespace, and the placement has none'));
  if (where === agentNamespace) return err(invalid(ref, "lies in the agent's own namespace"));
  return ok({ ref, hasStatus: served.hasStatus });
}

function invalid(ref: ObjectRef, text: string): CheckAnswer {
  return { kind: 'blocked', code: 'CheckInvalid', text: `${formatRef(ref)} ${text}`, ref };
}

/** An object as it was read for a check; undefined = it is not there. */
export interface CheckedSight {
  readonly located: LocatedObject;
  readonly object: KubeObject | undefined;
  /** How long this object (its uid) has been known. */
  readonly ageMs: number;
}

/** Whether the object is as its manifest asks, by the built-in rules. Also one that failed may recover within the timeout. */
export function judgeKstatusCheck({ located, object, ageMs }: CheckedSight): CheckAnswer {
  if (object === undefined) return absent(located.ref);
  const { status, message, reason } = judgeObject(object, located.hasStatus, ageMs);
  return status === 'Current' ? { kind: 'holds' } : waiting(located.ref, message || reason);
}

/** Whether the expression is true of the object. */
export function judgeCelCheck(
  { located, object }: CheckedSight,
  program: Result<CelProgram, string>,
): CheckAnswer {
  const { ref } = located;
  if (!program.ok) return failed(ref, `the expression cannot be read: ${program.error}`);
  if (object === undefined) return absent(ref);
  const stale = judgeCurrency(object);
  if (stale !== undefined) return waiting(ref, stale.message);
  const answer = program.value.evaluate(celDataOf(object));
  if (answer.ok) return answer.value ? { kind: 'holds' } : waiting(ref, 'the expression is false');
  const { kind, text } = answer.error;
  return kind === 'not-boolean'
    ? failed(ref, `the expression ${text}`)
    : waiting(ref, `the expression has no answer yet${whyNoAnswer(object, text)}`);
}

function absent(ref: ObjectRef): CheckAnswer {
  return waiting(ref, 'does not exist');
}

function waiting(ref: ObjectRef, text: string): CheckAnswer {
  return { kind: 'waiting', text: `${formatRef(ref)}: ${text}`, ref };
}

function failed(ref: ObjectRef, text: string): CheckAnswer {
  return { kind: 'failed', text: `${formatRef(ref)}: ${text}`, ref };
}
