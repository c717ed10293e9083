import type { AssignmentRow, Variant } from '@flotilla/shared/model';
import { describe, expect, test } from 'vitest';
import { assignmentOf, placementOf, variantOf } from '../../../../test/protocol/fleet.ts';
import { unsupportedField } from './unsupported-field.ts';

const plain = variantOf('tree');

function rowWith(change: Partial<Variant>, row: Partial<AssignmentRow> = {}): AssignmentRow {
  return { ...assignmentOf({ placement: 'cart', seq: 1 }, { ...plain, ...change }), ...row };
}

const helm = { releaseName: undefined, valuesFiles: [], valuesJson: undefined };
const ssh = { name: 'git', kind: 'ssh', privateKey: 'key', knownHosts: 'host' } as const;
const asking: readonly (readonly [string, string, AssignmentRow])[] = [
  ['render.renderer', 'render.helm', rowWith({ render: { ...plain.render, renderer: 'helm' } })],
  ['render.helm', 'render.helm', rowWith({ render: { ...plain.render, helm } })],
  ['render.variables', 'render.variables', rowWith({ render: { ...plain.render, variables: { a: 'b' } } })],
  [
    'content.required_signers',
    'git.signers',
    rowWith({ content: { ...plain.content, requiredSigners: ['ada'] } }),
  ],
  [
    'content.repository_url',
    'git.ssh',
    rowWith({ content: { ...plain.content, repositoryUrl: 'ssh://git@example.org/a.git' } }),
  ],
  [
    'content.repository_url',
    'git.ssh',
    rowWith({ content: { ...plain.content, repositoryUrl: 'git@example.org:a.git' } }),
  ],
  ['credential.ssh', 'git.ssh', rowWith({}, { credential: ssh })],
  ['apply.confirm_ms', 'apply.confirm', rowWith({ apply: { ...plain.apply, confirmMs: 5 } })],
  [
    'apply.take_over_from',
    'apply.take-over-from',
    rowWith({ apply: { ...plain.apply, takeOverFrom: placementOf('old') } }),
  ],
  [
    'health.checks',
    'health.cel',
    rowWith({ health: { ...plain.health, checks: [{ target: {}, cel: 'true' }] } }),
  ],
  [
    'health.stage_checks',
    'health.stage-checks',
    rowWith({
      health: { ...plain.health, stageChecks: [{ name: 'smoke', timeoutMs: 1, kind: 'job', jobJson: '{}' }] },
    }),
  ],
];

describe('what an agent cannot do', () => {
  test.each(asking)('is named: %s needs %s', (field, capability, row) => {
    expect(unsupportedField(row, [])?.text).toMatch(new RegExp(`^${field}: .*capability ${capability}`));
    expect(unsupportedField(row, [capability])).toBeUndefined();
  });

  test('leaves out everything that every agent can do', () => {
    const row = rowWith(
      {
        render: {
          ...plain.render,
          renderer: 'kustomize',
          patches: [{ target: { kind: 'Deployment' }, kind: 'json', patchJson: '[]' }],
        },
        apply: {
          ...plain.apply,
          mode: 'atomic',
          takeOver: 'always',
          drift: 'report',
          createNamespace: true,
          priority: 3,
          ignore: [{ target: {}, pointers: ['/spec/replicas'] }],
        },
      },
      { suspension: { reason: 'incident' }, credential: { name: 'git', kind: 'token', token: 'secret' } },
    );

    expect(unsupportedField(row, [])).toBeUndefined();
  });
});
