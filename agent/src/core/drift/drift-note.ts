import { limits } from '@flotilla/shared/base';
import type { KubeObject, ObjectRef } from '@flotilla/shared/model';
import { formatRef } from '@flotilla/shared/model';
import { lostFields, ownerOf } from './owned-fields.ts';

/** A foreign change to one object. */
export interface DriftNote {
  readonly ref: ObjectRef;
  readonly kind: 'changed' | 'missing';
  /** Paths of the fields; [] for a missing object, or when only labels and ownership changed. Never values. */
  readonly fields: readonly string[];
  /** Field manager that changed them; '' = not known. */
  readonly manager: string;
}

/** Fields named in a note's text; the rest is counted. */
const fieldsShown = 5;

/**
 * Describes a change from the live object before and after our own apply (or its dry run): the fields that came back are
 * the ones that were changed. Values are not told: a Secret's must never leave the cluster.
 */
export function describeChange(ref: ObjectRef, before: KubeObject | undefined, after: KubeObject): DriftNote {
  if (before === undefined) return { ref, kind: 'missing', fields: [], manager: '' };
  const fields = lostFields(before, after);
  return { ref, kind: 'changed', fields, manager: ownerOf(before, fields) };
}

/** One line: `Deployment shop/web: .spec.replicas changed by kubectl-edit`. */
export function formatDrift(note: DriftNote): string {
  const what = formatRef(note.ref);
  const by = note.manager === '' ? '' : ` by ${note.manager}`;
  if (note.kind === 'missing') return `${what} deleted`;
  const shown = note.fields.slice(0, fieldsShown).join(', ') || 'labels or ownership';
  const more = note.fields.length > fieldsShown ? ` and ${note.fields.length - fieldsShown} more` : '';
  return `${what}: ${shown}${more} changed${by}`.slice(0, limits.reasonTextMax);
}
