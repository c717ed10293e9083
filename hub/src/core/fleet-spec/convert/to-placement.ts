import type { PlacementName } from '@flotilla/shared/base';
import type { ApplyPolicy, HealthRule, HelmOptions, PrunePolicy } from '@flotilla/shared/model';
import { declaredNamesIn } from '@flotilla/shared/model';
import type { ContentSpec, PlacementSpec } from '../model.ts';
import type { RawPlacement } from '../schema/index.ts';
import type { Reading } from './reading.ts';
import { checkExpression } from './to-check.ts';
import { toJsonText } from './to-json-text.ts';
import { toOverride } from './to-override.ts';
import { toSelector } from './to-selector.ts';
import { checkVariables, checkVariablesWithin } from './variables-in.ts';

type Raw = RawPlacement['spec'];

/** Prune budgets of a placement that names none (product design, "The files users write"). */
const defaultPrune: PrunePolicy = { enabled: true, maxObjects: 20, maxPercent: 30 };
/** Finished rollouts that people are shown when the placement does not say how many. */
export const defaultHistory = 10;

/** Turns a placement into the model; everything that contradicts itself or cannot be done yet is noted in `reading`. */
export function toPlacement(raw: RawPlacement, reading: Reading): PlacementSpec {
  const spec = raw.spec;
  const name = raw.metadata.name;
  noteUnsupported(spec, reading);
  noteContradictions(name, spec, reading);
  const { tolerate, pick, ...clusters } = spec.clusters;
  return {
    name,
    at: reading.at([]),
    unsupported: reading.unsupported,
    source: toContent(spec.source, reading),
    renderer: spec.render?.renderer ?? (spec.render?.helm === undefined ? 'auto' : 'helm'),
    helm: toHelm(spec, reading),
    variables: toVariables(spec, reading),
    namespace: spec.namespace ?? spec.render?.helm?.namespace,
    clusters: toSelector(clusters, ['spec', 'clusters'], reading),
    pick: pick && { count: pick.count, spreadBy: pick.spreadBy },
    tolerate: tolerate ?? [],
    overrides: (spec.overrides ?? []).map((one, index) =>
      toOverride(one, { path: ['spec', 'overrides', index], declared: declaredBy(spec) }, reading),
    ),
    dependsOn: (spec.dependsOn ?? []).map((name, index) => ({
      name,
      at: reading.at(['spec', 'dependsOn', index]),
    })),
    hold: spec.hold && { release: spec.hold.release, reason: spec.hold.reason, untilMs: spec.hold.until },
    deadlineMs: spec.health?.deadline,
    checks: toRules(spec.health?.checks ?? [], reading),
    apply: toApply(spec),
    prune: {
      enabled: spec.prune?.enabled ?? defaultPrune.enabled,
      maxObjects: spec.prune?.maxObjects ?? defaultPrune.maxObjects,
      maxPercent: spec.prune?.maxPercent ?? defaultPrune.maxPercent,
    },
    strategy:
      spec.rollout?.strategy === undefined
        ? undefined
        : { name: spec.rollout.strategy, at: reading.at(['spec', 'rollout', 'strategy']) },
    onNewRevision: spec.rollout?.onNewRevision ?? 'auto',
    history: spec.rollout?.history ?? defaultHistory,
    onUnmatch: spec.onUnmatch ?? 'prune',
  };
}

type RawRules = NonNullable<NonNullable<Raw['health']>['checks']>;

function toRules(rules: RawRules, reading: Reading): readonly HealthRule[] {
  return rules.map(({ cel, ...target }, index) => {
    checkExpression(cel, ['spec', 'health', 'checks', index, 'cel'], reading);
    return { target, cel };
  });
}

/** What the hub itself cannot do yet. What an agent cannot do is not here: it answers with a NACK that names the field. */
function noteUnsupported(spec: Raw, reading: Reading): void {
  if (spec.source.ref !== undefined && isVersionRange(spec.source.ref)) {
    reading.notYet(
      ['spec', 'source', 'ref'],
      'is a range of versions, which is not supported yet; name a branch, tag or commit',
    );
  }
}

/** Operators of version ranges; none of them may stand in the name of a branch or tag (git-check-ref-format). */
function isVersionRange(ref: string): boolean {
  return /[\^~<>=*|\s]/.test(ref);
}

/** A stream counts as cut after 40 s of silence (streamTimes), and is then dialled anew. */
const confirmMsMin = 60_000;

function noteContradictions(name: PlacementName, spec: Raw, reading: Reading): void {
  const renderer = spec.render?.renderer;
  const helm = spec.render?.helm;
  if (helm !== undefined && (renderer === 'plain' || renderer === 'kustomize')) {
    reading.complain(
      'CONTRADICTION',
      ['spec', 'render', 'helm'],
      `is for Helm, but the renderer is ${renderer}`,
    );
  }
  if (helm?.namespace !== undefined && spec.namespace !== undefined && helm.namespace !== spec.namespace) {
    const text = `is ${helm.namespace}, but spec.namespace is ${spec.namespace}; remove one of them`;
    reading.complain('CONTRADICTION', ['spec', 'render', 'helm', 'namespace'], text);
  }
  if (spec.createNamespace === true && spec.namespace === undefined && helm?.namespace === undefined) {
    reading.complain(
      'CONTRADICTION',
      ['spec', 'createNamespace'],
      'needs spec.namespace to name what to create',
    );
  }
  for (const [index, override] of (spec.overrides ?? []).entries()) {
    if (override.values !== undefined && (renderer === 'plain' || renderer === 'kustomize')) {
      const text = `are for Helm, but the renderer is ${renderer}; use patches or an overlay`;
      reading.complain('CONTRADICTION', ['spec', 'overrides', index, 'values'], text);
    }
  }
  for (const [index, other] of (spec.dependsOn ?? []).entries()) {
    if (other === name)
      reading.complain('CONTRADICTION', ['spec', 'dependsOn', index], 'is the placement itself');
  }
  if (spec.confirm !== undefined && spec.confirm < confirmMsMin) {
    const text =
      'is too short: hub and bus may be silent for most of a minute with nothing wrong; say at least 1m';
    reading.complain('CONTRADICTION', ['spec', 'confirm'], text);
  }
  if (spec.takeOverFrom === name) {
    reading.complain('CONTRADICTION', ['spec', 'takeOverFrom'], 'is the placement itself');
  }
}

function toContent(raw: Raw['source'], reading: Reading): ContentSpec {
  const at = (field: string) => reading.at(['spec', 'source', field]);
  return {
    repo: raw.repo === undefined ? undefined : { name: raw.repo, at: at('repo') },
    ref: raw.ref,
    path: raw.path,
    pathAt: at('path'),
    includes: (raw.includes ?? []).map((path, index) => ({
      path,
      at: reading.at(['spec', 'source', 'includes', index]),
    })),
  };
}

function toHelm(spec: Raw, reading: Reading): HelmOptions | undefined {
  const raw = spec.render?.helm;
  const isHelm = raw !== undefined || spec.render?.renderer === 'helm';
  if (!isHelm) return undefined;
  const path = ['spec', 'render', 'helm', 'values'];
  checkVariablesWithin(raw?.values, { path, declared: declaredBy(spec) }, reading);
  return {
    releaseName: raw?.releaseName,
    valuesFiles: raw?.valuesFiles ?? [],
    valuesJson: raw?.values === undefined ? undefined : toJsonText(raw.values, path, reading),
  };
}

function toVariables(spec: Raw, reading: Reading): { readonly [name: string]: string } {
  const variables = spec.render?.variables ?? {};
  for (const [name, text] of Object.entries(variables)) {
    const path = ['spec', 'render', 'variables', name];
    checkVariables(text, path, reading);
    if (declaredNamesIn(text).length > 0)
      reading.complain(
        'BAD_VALUE',
        path,
        'uses ${var.…}, which stands for values of patches and of Helm only',
      );
  }
  return variables;
}

/** Names that patches and values may use as `${var.NAME}`. */
function declaredBy(spec: Raw): readonly string[] {
  return Object.keys(spec.render?.variables ?? {});
}

function toApply(spec: Raw): ApplyPolicy {
  return {
    mode: spec.apply ?? 'bestEffort',
    takeOver: spec.takeover ?? 'ifNoDiff',
    drift: spec.drift ?? 'correct',
    ignore: (spec.ignore ?? []).map(({ pointers, ...target }) => ({ target, pointers })),
    createNamespace: spec.createNamespace ?? false,
    priority: spec.priority ?? 0,
    takeOverFrom: spec.takeOverFrom,
    confirmMs: spec.confirm,
  };
}
