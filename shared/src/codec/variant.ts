import type * as wire from '@flotilla/proto/assignment';
import type { GitId } from '../base/index.ts';
import { limits, parseGitId, parsePlacementName } from '../base/index.ts';
import type {
  ApplyPolicy,
  Content,
  HealthPolicy,
  HelmOptions,
  IgnoreRule,
  ObjectTarget,
  PrunePolicy,
  Render,
  RenderPatch,
  TreeRef,
} from '../model/index.ts';
import { decodeStageChecks, encodeStageCheck } from './check.ts';
import { applyModes, driftModes, renderers, takeOvers, wordOrProblem } from './enum-map.ts';
import type { FieldCheck } from './field-check.ts';
import { cutText, wireInt32, wireSigned, wireUint32, wireWhole } from './wire-number.ts';

// Stands for an id in a message that is refused; it never leaves the codec.
const gitId = { parse: parseGitId, standIn: '0'.repeat(40) as GitId };

/** Content on the wire. */
export function encodeContent(content: Content): wire.Content {
  return {
    repositoryUrl: content.repositoryUrl,
    credential: content.credential ?? '',
    commit: content.commit.id,
    ref: content.ref,
    trees: content.trees,
    author: cutText(content.commit.author, limits.frameNameMax),
    subject: cutText(content.commit.subject, limits.frameNameMax),
    committedAtS: wireSigned(content.commit.committedAtS),
    requiredSigners: content.requiredSigners,
    caBundlePem: content.caBundlePem ?? '',
  };
}

/** Content in the model's words. */
export function decodeContent(check: FieldCheck, content: wire.Content): Content {
  if (content.trees.length === 0) check.fail('trees', 'is empty');
  return {
    repositoryUrl: check.word(content.repositoryUrl, 'repository_url', limits.urlMax),
    credential: orNone(check.text(content.credential, 'credential', limits.frameNameMax)),
    commit: {
      id: check.parsed(content.commit, 'commit', gitId),
      author: cutText(content.author, limits.frameNameMax),
      subject: cutText(content.subject, limits.frameNameMax),
      committedAtS: check.signed(content.committedAtS, 'committed_at_s'),
    },
    ref: check.text(content.ref, 'ref', limits.reasonTextMax),
    trees: check.list(content.trees, 'trees', decodeTree),
    requiredSigners: check.words(content.requiredSigners, 'required_signers', limits.signerTextMax),
    caBundlePem: orNone(content.caBundlePem),
  };
}

function decodeTree(check: FieldCheck, tree: wire.TreeRef): TreeRef {
  if (!isCleanPath(tree.path)) check.fail('path', `${JSON.stringify(tree.path.slice(0, 80))} is not clean`);
  return {
    path: check.text(tree.path, 'path', limits.reasonTextMax),
    treeId: check.parsed(tree.treeId, 'tree_id', gitId),
  };
}

/** '' or segments joined by single slashes, none of them '.' or '..'. */
function isCleanPath(path: string): boolean {
  return (
    path === '' || path.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..')
  );
}

/** Render options on the wire. */
export function encodeRender(render: Render): wire.Render {
  return {
    renderer: renderers.toWire[render.renderer],
    helm: render.helm && {
      releaseName: render.helm.releaseName ?? '',
      valuesFiles: render.helm.valuesFiles,
      valuesJson: render.helm.valuesJson ?? '',
    },
    namespace: render.namespace ?? '',
    patches: render.patches.map((patch) => ({
      target: encodeTarget(patch.target),
      patch: { $case: patch.kind === 'json' ? 'jsonPatch' : 'mergePatch', value: patch.patchJson },
    })),
    variables: { ...render.variables },
  };
}

/** Render options in the model's words. */
export function decodeRender(check: FieldCheck, render: wire.Render): Render {
  return {
    renderer: wordOrProblem(renderers, render.renderer, { check, field: 'renderer', standIn: 'auto' }),
    helm: render.helm && decodeHelm(check.at('helm'), render.helm),
    namespace: orNone(check.text(render.namespace, 'namespace', limits.frameNameMax)),
    patches: check.list(render.patches, 'patches', decodePatch),
    variables: check.map(render.variables, 'variables', limits.reasonTextMax),
  };
}

function decodeHelm(check: FieldCheck, helm: wire.HelmOptions): HelmOptions {
  return {
    releaseName: orNone(check.text(helm.releaseName, 'release_name', limits.frameNameMax)),
    valuesFiles: check.words(helm.valuesFiles, 'values_files', limits.reasonTextMax),
    valuesJson: orNone(helm.valuesJson),
  };
}

function decodePatch(check: FieldCheck, patch: wire.Patch): RenderPatch {
  if (!check.present(patch.patch, 'patch')) return { target: {}, kind: 'merge', patchJson: '' };
  return {
    target: decodeTarget(check.at('target'), patch.target),
    kind: patch.patch.$case === 'jsonPatch' ? 'json' : 'merge',
    patchJson: check.word(patch.patch.value, 'patch', limits.frameBytesMax),
  };
}

/** Apply policy on the wire; `placementAgeSeq` belongs to the row, not to its variant. */
export function encodeApply(apply: ApplyPolicy, placementAgeSeq: number): wire.ApplyPolicy {
  return {
    mode: applyModes.toWire[apply.mode],
    takeOver: takeOvers.toWire[apply.takeOver],
    drift: driftModes.toWire[apply.drift],
    ignore: apply.ignore.map((rule) => ({ target: encodeTarget(rule.target), pointers: rule.pointers })),
    createNamespace: apply.createNamespace,
    priority: wireInt32(apply.priority),
    takeOverFrom: apply.takeOverFrom ?? '',
    confirmMs: wireWhole(apply.confirmMs ?? 0),
    placementAgeSeq: wireWhole(placementAgeSeq),
  };
}

/** Apply policy in the model's words. */
export function decodeApply(check: FieldCheck, apply: wire.ApplyPolicy): ApplyPolicy {
  const confirmMs = check.whole(apply.confirmMs, 'confirm_ms');
  return {
    mode: wordOrProblem(applyModes, apply.mode, { check, field: 'mode', standIn: 'bestEffort' }),
    takeOver: wordOrProblem(takeOvers, apply.takeOver, { check, field: 'take_over', standIn: 'never' }),
    drift: wordOrProblem(driftModes, apply.drift, { check, field: 'drift', standIn: 'report' }),
    ignore: check.list(apply.ignore, 'ignore', decodeIgnoreRule),
    createNamespace: apply.createNamespace,
    priority: apply.priority,
    takeOverFrom: check.parsedOrNone(apply.takeOverFrom, 'take_over_from', parsePlacementName),
    confirmMs: confirmMs === 0 ? undefined : confirmMs,
  };
}

function decodeIgnoreRule(check: FieldCheck, rule: wire.IgnoreRule): IgnoreRule {
  return {
    target: decodeTarget(check.at('target'), rule.target),
    pointers: check.words(rule.pointers, 'pointers', limits.reasonTextMax),
  };
}

/** Health policy on the wire. */
export function encodeHealth(health: HealthPolicy): wire.HealthPolicy {
  return {
    deadlineMs: wireWhole(health.deadlineMs),
    soakMs: wireWhole(health.soakMs),
    checks: health.checks.map((one) => ({ target: encodeTarget(one.target), cel: one.cel })),
    stageChecks: (health.stageChecks ?? []).map(encodeStageCheck),
  };
}

/** Health policy in the model's words. */
export function decodeHealth(check: FieldCheck, health: wire.HealthPolicy): HealthPolicy {
  return {
    deadlineMs: check.whole(health.deadlineMs, 'deadline_ms', 1),
    soakMs: check.whole(health.soakMs, 'soak_ms'),
    checks: check.list(health.checks, 'checks', (inner, one) => ({
      target: decodeTarget(inner.at('target'), one.target),
      cel: inner.word(one.cel, 'cel', limits.celTextMax),
    })),
    ...decodeStageChecks(check, health.stageChecks),
  };
}

/** Prune policy on the wire, with the permission that the row carries. */
export function encodePrune(prune: PrunePolicy, permittedListHash: Buffer): wire.PrunePolicy {
  return {
    enabled: prune.enabled,
    maxObjects: wireUint32(prune.maxObjects),
    maxPercent: wireUint32(prune.maxPercent),
    permittedListHash,
  };
}

/** Prune policy in the model's words; its permission is read with the row. */
export function decodePrune(prune: wire.PrunePolicy): PrunePolicy {
  return { enabled: prune.enabled, maxObjects: prune.maxObjects, maxPercent: prune.maxPercent };
}

function encodeTarget(target: ObjectTarget): wire.PatchTarget {
  return {
    group: target.group ?? '',
    version: target.version ?? '',
    kind: target.kind ?? '',
    name: target.name ?? '',
    namespace: target.namespace ?? '',
    labelSelector: target.labelSelector ?? '',
  };
}

function decodeTarget(check: FieldCheck, target: wire.PatchTarget | undefined): ObjectTarget {
  if (target === undefined) return {};
  return {
    group: orNone(check.text(target.group, 'group', limits.frameNameMax)),
    version: orNone(check.text(target.version, 'version', limits.frameNameMax)),
    kind: orNone(check.text(target.kind, 'kind', limits.frameNameMax)),
    name: orNone(check.text(target.name, 'name', limits.frameNameMax)),
    namespace: orNone(check.text(target.namespace, 'namespace', limits.frameNameMax)),
    labelSelector: orNone(check.text(target.labelSelector, 'label_selector', limits.reasonTextMax)),
  };
}

/** Empty text on the wire means absence in the model. */
function orNone(text: string): string | undefined {
  return text === '' ? undefined : text;
}
