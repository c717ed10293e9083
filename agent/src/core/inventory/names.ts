/** Names that the agent uses in a member cluster. Changing one orphans what older agents applied. */

/** Field manager of everything that assignments apply. */
export const fieldManager = 'flotilla';
/** Field manager of ApplySet parents (kubectl's convention: `<tool>-applyset`). */
export const parentManager = 'flotilla-applyset';
/** Field manager of the status of assignment objects. */
export const statusManager = 'flotilla-status';
/** Field manager that keeps fields alive which the agent stops to own (ignore rules, autoscaled replicas). */
export const leftToOthersManager = 'flotilla-left-to-others';

/** On every member: the assignment that owns it. One watch for each kind filters on its existence. */
export const assignmentLabel = 'flotilla.dev/assignment';
/** On an object that must outlive its assignment: `disabled`. */
export const pruneAnnotation = 'flotilla.dev/prune';
/** The same, as charts say it: `keep`. */
export const resourcePolicyAnnotation = 'helm.sh/resource-policy';

/**
 * On every parent and every member: the agent that keeps the set (owner.ts). Taking it off the parent hands the set over,
 * members and all; members carry it for the case that their parent is gone.
 */
export const ownerAnnotation = 'flotilla.dev/owner';
/** On the parent of a set that was handed over: its members may carry the mark of whoever kept it before. */
export const handedOverAnnotation = 'flotilla.dev/handed-over';

/** Field manager of the Jobs that checks run. */
export const checkManager = 'flotilla-checks';
/** On the Job of a check and on its pods: the name of the check. */
export const checkLabel = 'flotilla.dev/check';
/** On the same: the placement. It is no member of the placement's set, and carries none of its labels. */
export const checkOfLabel = 'flotilla.dev/check-of';
/** On the Job of a check: the version of the row that it runs for. */
export const checkVersionAnnotation = 'flotilla.dev/check-version';

/** API group of the assignment object. */
export const flotillaGroup = 'flotilla.dev';
/** Version of the assignment object. */
export const assignmentVersion = 'v1alpha1';
/** Kind of the assignment object: status for kubectl, and ApplySet parent. */
export const assignmentKind = 'Assignment';
/** Name of its CustomResourceDefinition. */
export const assignmentCrdName = 'assignments.flotilla.dev';
