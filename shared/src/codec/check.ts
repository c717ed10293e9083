import type * as wire from '@flotilla/proto/assignment';
import { limits } from '../base/index.ts';
import type { CheckedObject, ClusterCheck, HealthPolicy } from '../model/index.ts';
import type { FieldCheck } from './field-check.ts';
import { wireWhole } from './wire-number.ts';

/** A check of the stage on the wire. */
export function encodeStageCheck(check: ClusterCheck): wire.StageCheck {
  return { name: check.name, timeoutMs: wireWhole(check.timeoutMs), check: encodeKind(check) };
}

function encodeKind(check: ClusterCheck): NonNullable<wire.StageCheck['check']> {
  switch (check.kind) {
    case 'kstatus':
      return { $case: 'kstatus', value: { object: encodeObject(check.object) } };
    case 'cel':
      return {
        $case: 'cel',
        value: { object: encodeObject(check.object), expression: check.expression },
      };
    case 'job':
      return { $case: 'job', value: { jobJson: check.jobJson } };
  }
}

function encodeObject(object: CheckedObject): wire.CheckedObject {
  return { ...object, namespace: object.namespace ?? '' };
}

/** The checks of the stage in the model's words; none are absent there. A name that comes twice is a mistake. */
export function decodeStageChecks(
  check: FieldCheck,
  checks: readonly wire.StageCheck[],
): Pick<HealthPolicy, 'stageChecks'> {
  if (checks.length === 0) return {};
  const decoded = check.list(checks, 'stage_checks', decodeStageCheck, limits.stageChecksMax);
  if (new Set(decoded.map((one) => one.name)).size < decoded.length) {
    check.fail('stage_checks', 'has two checks of one name');
  }
  return { stageChecks: decoded };
}

function decodeStageCheck(check: FieldCheck, one: wire.StageCheck): ClusterCheck {
  const named = {
    name: check.word(one.name, 'name'),
    timeoutMs: check.whole(one.timeoutMs, 'timeout_ms', 1),
  };
  // Also a kind of check that only a newer hub knows: what cannot be evaluated must not count as passed.
  if (!check.present(one.check, 'check')) return { ...named, kind: 'job', jobJson: '' };
  const inner = check.at(one.check.$case);
  switch (one.check.$case) {
    case 'kstatus':
      return { ...named, kind: 'kstatus', object: decodeObject(inner, one.check.value.object) };
    case 'cel': {
      const { object, expression } = one.check.value;
      return {
        ...named,
        kind: 'cel',
        object: decodeObject(inner, object),
        expression: inner.word(expression, 'expression', limits.celTextMax),
      };
    }
    case 'job': {
      const { jobJson } = one.check.value;
      return { ...named, kind: 'job', jobJson: inner.word(jobJson, 'job_json', limits.checkJobTextMax) };
    }
  }
}

function decodeObject(check: FieldCheck, object: wire.CheckedObject | undefined): CheckedObject {
  if (!check.present(object, 'object')) return { group: '', kind: '', name: '', namespace: undefined };
  const inner = check.at('object');
  const namespace = inner.text(object.namespace, 'namespace', limits.frameNameMax);
  return {
    group: inner.text(object.group, 'group', limits.frameNameMax),
    kind: inner.word(object.kind, 'kind'),
    name: inner.word(object.name, 'name'),
    namespace: namespace === '' ? undefined : namespace,
  };
}
