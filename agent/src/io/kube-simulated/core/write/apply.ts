import { checkAgainstSchema, formatPath, joinProblems, pathsOf } from '../fields/index.ts';
import type { Kind } from '../kinds/index.ts';
import type { ManagerEntry, Managers } from '../managed/managed-fields.ts';
import { decodeManagers } from '../managed/managed-fields.ts';
import type { ManagerConflict } from '../managed/ownership.ts';
import { applyFields, updateOwners } from '../managed/ownership.ts';
import { normalise } from '../normalise.ts';
import { applyConflict, badRequest, internal, notFound, notServed } from '../refusal.ts';
import type { ClusterState } from '../state.ts';
import { asKind, getObject } from '../state.ts';
import type { ValueObject } from '../values.ts';
import { textAt, valueAt, withValue } from '../values.ts';
import { create } from './create.ts';
import type { WriteOptions, Written } from './options.ts';
import { managerId, namespaceOf } from './options.ts';
import { ignoredBy } from './parts.ts';
import { checkVersion, replace } from './replace.ts';

/** Server-side apply of an intent. */
export function applyObject(
  state: ClusterState,
  kind: Kind,
  applied: ValueObject,
  options: WriteOptions & { readonly isForced: boolean; readonly isStrict: boolean },
): Written {
  if (options.subresource === 'status' && !kind.hasStatus) throw notServed();
  checkApplied(kind, applied, options.isStrict);
  const live = getObject(state, kind, namespaceOf(kind, applied), textAt(applied, 'metadata', 'name'));
  if (live === undefined && options.subresource === 'status')
    throw notFound(kind, textAt(applied, 'metadata', 'name'));
  const base = live ?? normalise({ apiVersion: applied['apiVersion'] ?? '', kind: kind.kind }, kind.type);
  const outcome = applyFields({
    live: withValue(asKind(base, kind), ['metadata', 'managedFields'], undefined),
    applied,
    managers: ownersBefore(state, kind, base),
    manager: managerId(kind, options, 'Apply'),
    type: kind.type,
    withoutIgnored: ignoredBy(kind, options.subresource),
    isForced: options.isForced,
    time: state.nowText(),
  });
  if (live !== undefined) checkVersion(kind, applied, live);
  if (outcome.kind === 'conflicts') throw conflictRefusal(outcome.conflicts);
  if (live === undefined)
    return create(
      state,
      kind,
      { given: outcome.object, isApply: true, owners: () => outcome.managers },
      options,
    );
  return replace(state, kind, { live, next: outcome.object, managers: outcome.managers }, options);
}

/** What an object without any owner holds belongs, from its first apply on, to a manager that stands for the time before. */
function ownersBefore(state: ClusterState, kind: Kind, live: ValueObject): Managers {
  const managers = decodeManagers(live);
  if (managers.size > 0 || textAt(live, 'metadata', 'uid') === '') return managers;
  const options = { manager: 'before-first-apply', subresource: '', isDryRun: false } as const;
  return updateOwners({
    live: normalise({}, kind.type),
    next: live,
    managers,
    manager: managerId(kind, options, 'Update'),
    type: kind.type,
    withoutIgnored: ignoredBy(kind, ''),
    time: state.nowText(),
  });
}

function checkApplied(kind: Kind, applied: ValueObject, isStrict: boolean): void {
  const name = textAt(applied, 'metadata', 'name');
  if (name === '') throw badRequest('metadata.name is required');
  if (valueAt(applied, 'metadata', 'managedFields') !== undefined)
    throw badRequest('metadata.managedFields must be nil');
  const problems = checkAgainstSchema(applied, kind.type);
  if (problems.length === 0 || (!isStrict && kind.type.isOpen)) return;
  const where = `${textAt(applied, 'metadata', 'namespace')}/${name}; ${kind.group}/${kind.version}, Kind=${kind.kind}`;
  throw internal(`failed to create typed patch object (${where}): ${joinProblems(problems)}`);
}

function conflictRefusal(conflicts: readonly ManagerConflict[]) {
  const lines = conflicts.flatMap(({ manager, fields }) =>
    pathsOf(fields).map((path) => ({ manager: describeManager(manager), path: formatPath(path) })),
  );
  const causes = lines.map(({ manager, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${manager}`,
    field: path,
  }));
  const [only] = lines;
  if (lines.length === 1 && only !== undefined)
    return applyConflict(`Apply failed with 1 conflict: conflict with ${only.manager}: ${only.path}`, causes);
  const managers = [...new Set(lines.map(({ manager }) => manager))].sort();
  const text = managers.flatMap((manager) => [
    `conflicts with ${manager}:`,
    ...lines.filter((line) => line.manager === manager).map((line) => `- ${line.path}`),
  ]);
  return applyConflict(`Apply failed with ${lines.length} conflicts: ${text.join('\n')}`, causes);
}

/** `"name"`, with the subresource, and for an update its version (and time), as the server words it. */
function describeManager(manager: ManagerEntry): string {
  const name = JSON.stringify(manager.manager);
  const named = manager.subresource === '' ? name : `${name} with subresource "${manager.subresource}"`;
  return manager.operation === 'Update' ? `${named} using ${manager.apiVersion}` : named;
}
