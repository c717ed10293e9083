import { type Json, limits, stableJson } from '@flotilla/shared/base';
import { parseCel } from '@flotilla/shared/base/cel';
import { type CheckedObject, healthVariables, type StageCheck } from '@flotilla/shared/model';
import type { CheckSpec } from '../model.ts';
import type { RawCheck } from '../schema/index.ts';
import type { YamlPath } from '../yaml.ts';
import type { Reading } from './reading.ts';
import { isJson } from './to-json-text.ts';

/** Of a check that names none. */
export const defaultCheckTimeoutMs = 300_000;

type Kinds = RawCheck['spec'];

/** Turns a check into the model. */
export function toCheck(raw: RawCheck, reading: Reading): CheckSpec {
  const { kstatus, cel, job, webhook, timeout } = raw.spec;
  const kinds = [kstatus, cel, job, webhook].filter((one) => one !== undefined).length;
  if (kinds !== 1) {
    reading.complain(
      'CONTRADICTION',
      ['spec'],
      `needs exactly one of kstatus, cel, job and webhook, has ${kinds}`,
    );
  }
  if (timeout === 0) reading.complain('BAD_VALUE', ['spec', 'timeout'], 'leaves no time to pass');
  const named = { name: raw.metadata.name, timeoutMs: timeout ?? defaultCheckTimeoutMs };
  return {
    name: raw.metadata.name,
    at: reading.at([]),
    unsupported: reading.unsupported,
    check: toStageCheck(raw.spec, named, reading),
  };
}

function toStageCheck(
  { kstatus, cel, job, webhook }: Kinds,
  named: Pick<StageCheck, 'name' | 'timeoutMs'>,
  reading: Reading,
): StageCheck {
  if (kstatus !== undefined) return { ...named, kind: 'kstatus', object: toObject(kstatus) };
  if (cel !== undefined) {
    checkExpression(cel.expression, ['spec', 'cel', 'expression'], reading);
    return { ...named, kind: 'cel', object: toObject(cel), expression: cel.expression };
  }
  if (webhook !== undefined) {
    checkUrl(webhook.url, reading);
    return { ...named, kind: 'webhook', url: webhook.url, credential: webhook.credential };
  }
  return { ...named, kind: 'job', jobJson: toJob(job, reading) };
}

function toObject({ group = '', kind, name, namespace }: NonNullable<Kinds['kstatus']>): CheckedObject {
  return { group, kind, name, namespace };
}

/** Complains of an expression over an object that can never be evaluated. */
export function checkExpression(text: string, path: YamlPath, reading: Reading): void {
  const parsed = parseCel(text, healthVariables);
  if (!parsed.ok) {
    const names = healthVariables.join(' and ');
    reading.complain('BAD_VALUE', path, `is no expression over ${names}: ${parsed.error}`);
  }
}

/** https anywhere, http on this machine only, as for Git; whether the host is allowed is for the hub's configuration. */
function checkUrl(url: string, reading: Reading): void {
  const path = ['spec', 'webhook', 'url'];
  const [, scheme, authority = ''] = /^(https?):\/\/([^/?#\s]+)(?:\/[^#\s]*)?$/.exec(url) ?? [];
  if (scheme === undefined || url.length > limits.urlMax) {
    reading.complain('BAD_VALUE', path, 'is not a URL such as https://checks.example.com/smoke');
    return;
  }
  if (authority.includes('@')) {
    const text = 'holds a user or password; name a credential in spec.webhook.credential instead';
    reading.complain('BAD_VALUE', path, text);
  }
  const isLoopback = /^(localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]+)?$/.test(authority);
  if (scheme === 'http' && !isLoopback) {
    reading.complain('BAD_VALUE', path, 'is plain http, which is for loopback hosts only; use https');
  }
}

/** The Job as JSON: what the agent adds (its name, labels, restartPolicy) may be missing, what it cannot keep is a mistake. */
function toJob(job: Kinds['job'], reading: Reading): string {
  const path = ['spec', 'job'];
  const manifest: unknown = job && { metadata: job.metadata ?? {}, spec: job.spec };
  if (job === undefined || !isJson(withoutAbsent(manifest))) {
    if (job !== undefined) reading.complain('BAD_VALUE', path, 'holds a value that JSON cannot hold');
    return '{}';
  }
  const { spec } = job;
  if (spec['ttlSecondsAfterFinished'] !== undefined) {
    const text = 'is not for checks: the agent keeps the last Job of a check and deletes it with the next';
    reading.complain('CONTRADICTION', [...path, 'spec', 'ttlSecondsAfterFinished'], text);
  }
  if (spec['suspend'] === true) {
    reading.complain('CONTRADICTION', [...path, 'spec', 'suspend'], 'would never let the check end');
  }
  const containers = memberOf(memberOf(spec['template'], 'spec'), 'containers');
  if (!Array.isArray(containers) || containers.length === 0) {
    reading.complain('BAD_VALUE', [...path, 'spec'], 'has no template.spec.containers');
  }
  // Every member was just found to be JSON.
  const text = stableJson(withoutAbsent(manifest) as Json);
  if (text.length > limits.checkJobTextMax) {
    reading.complain('BAD_VALUE', path, `is longer than ${limits.checkJobTextMax} characters as JSON`);
  }
  return text;
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}

function withoutAbsent(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutAbsent);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) {
    return value;
  }
  const kept = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(kept.map(([name, one]) => [name, withoutAbsent(one)]));
}
