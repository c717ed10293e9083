import { describe, expect, it } from 'vitest';
import { complaints, head, parse, placementText } from './spec-fixture.ts';

const checkText = (spec: string) => `${head}kind: Check\nmetadata: {name: smoke}\nspec:\n${spec}`;
const job = (more = '', spec = '') =>
  checkText(
    `  job: {${more}spec: {${spec}template: {spec: {containers: [{name: smoke, image: "smoke:1"}]}}}}\n`,
  );

function checkIn(text: string): unknown {
  const [document] = parse(text).documents;
  if (document?.kind !== 'Check') throw new Error(complaints(text).join('\n'));
  return document.spec.check;
}

describe('a check', () => {
  it('looks at one object, by name', () => {
    const text = checkText('  kstatus: {group: apps, kind: Deployment, name: web, namespace: shop}\n');
    expect(checkIn(text)).toEqual({
      name: 'smoke',
      kind: 'kstatus',
      timeoutMs: 300_000,
      object: { group: 'apps', kind: 'Deployment', name: 'web', namespace: 'shop' },
    });
  });

  it('asks an expression of one object, of the core group if it names none', () => {
    const text = checkText(
      '  cel: {kind: ConfigMap, name: a, expression: "has(object.data.ok)"}\n  timeout: 30s',
    );
    expect(checkIn(text)).toEqual({
      name: 'smoke',
      kind: 'cel',
      timeoutMs: 30_000,
      object: { group: '', kind: 'ConfigMap', name: 'a', namespace: undefined },
      expression: 'has(object.data.ok)',
    });
  });

  it('runs a Job, of which only what a person may say is kept', () => {
    const text = job('apiVersion: batch/v1, kind: Job, metadata: {namespace: tests}, ', 'backoffLimit: 0, ');
    expect(checkIn(text)).toMatchObject({
      kind: 'job',
      jobJson:
        '{"metadata":{"namespace":"tests"},"spec":{"backoffLimit":0,"template":{"spec":{"containers":[{"image":"smoke:1","name":"smoke"}]}}}}',
    });
  });

  it('asks a webhook', () => {
    const text = checkText('  webhook: {url: "https://checks.example.org/a?b=c", credential: gate}\n');
    expect(checkIn(text)).toMatchObject({
      kind: 'webhook',
      url: 'https://checks.example.org/a?b=c',
      credential: 'gate',
    });
  });
});

describe('a mistake in a check is told where it stands', () => {
  it.each([
    [
      'no kind of check',
      checkText('  timeout: 5s\n'),
      'spec needs exactly one of kstatus, cel, job and webhook',
    ],
    [
      'two kinds',
      `${job()}  webhook: {url: "https://a.example"}\n`,
      'CONTRADICTION spec needs exactly one of kstatus, cel, job and webhook, has 2',
    ],
    ['no time', `${job()}  timeout: 0s\n`, 'a.yaml:6:12 BAD_VALUE spec.timeout leaves no time to pass'],
    [
      'an expression that cannot be read',
      checkText('  cel: {kind: A, name: a, expression: "object.a =="}\n'),
      'spec.cel.expression is no expression over object and status: line 1, column 10: found = but expecting',
    ],
    [
      'an unknown variable',
      checkText('  cel: {kind: A, name: a, expression: "self.a"}\n'),
      'there is no "self" here',
    ],
    [
      'an object without a name',
      checkText('  kstatus: {kind: Deployment}\n'),
      'spec.kstatus.name is required',
    ],
    ['a Job with a name', job('metadata: {name: x}, '), 'unknown field "name" in spec.job.metadata'],
    [
      'a Job that deletes itself',
      job('', 'ttlSecondsAfterFinished: 5, '),
      'spec.job.spec.ttlSecondsAfterFinished is not for checks',
    ],
    ['a Job that waits', job('', 'suspend: true, '), 'spec.job.spec.suspend would never let the check end'],
    [
      'a Job without containers',
      checkText('  job: {spec: {template: {}}}\n'),
      'spec.job.spec has no template.spec.containers',
    ],
    ['a Job of another kind', job('kind: CronJob, '), 'spec.job.kind must be "Job", found "CronJob"'],
    [
      'a Job that is too large',
      job(`metadata: {annotations: {a: "${'x'.repeat(20_000)}"}}, `),
      'spec.job is longer than 16384 characters',
    ],
    [
      'a webhook over plain http',
      checkText('  webhook: {url: "http://checks.example.org"}\n'),
      'spec.webhook.url is plain http, which is for loopback hosts only',
    ],
    [
      'a webhook with a password',
      checkText('  webhook: {url: "https://a:b@checks.example.org"}\n'),
      'holds a user or password; name a credential in spec.webhook.credential instead',
    ],
    ['a webhook that is no URL', checkText('  webhook: {url: "checks"}\n'), 'is not a URL such as'],
  ])('%s', (_, text, complaint) => {
    expect(complaints(text).join('\n')).toContain(complaint);
  });

  it('an expression of a placement that cannot be read', () => {
    const text = placementText('shop', '  health: {checks: [{kind: A, cel: "object.a +"}]}\n');
    expect(complaints(text)[0]).toContain('a.yaml:7:36 BAD_VALUE spec.health.checks[0].cel is no expression');
  });

  it('a stage that names a check twice, or too many', () => {
    const stage = (checks: string) =>
      `${head}kind: RolloutStrategy\nmetadata: {name: a}\nspec: {stages: [{name: a, remaining: true, checks: [${checks}]}]}`;
    expect(complaints(stage('a, b, a'))[0]).toContain('spec.stages[0].checks[2] is named twice');
    expect(complaints(stage('a, b, c, d, e, f, g, h, i'))[0]).toContain('names more than 8 checks');
  });
});
