import * as assignment from '@flotilla/proto/assignment';
import * as status from '@flotilla/proto/status';
import type {
  AgentState,
  ApplyPolicy,
  AssignmentPhase,
  RefusalCode,
  RejectionCode,
  RemovalMode,
  Renderer,
  RowMode,
} from '../model/index.ts';
import type { FieldCheck, ProblemCode } from './field-check.ts';

/** Every value that a proto enum has today; a new one without a mapping does not compile. */
type ToModel<Wire extends number, Model> = { readonly [Value in Exclude<Wire, -1>]: Model };
/** Every word that the model has; a new one without a wire value does not compile. */
type ToWire<Model extends string, Wire extends number> = { readonly [Word in Model]: Wire };

/** Both directions of one enum. `undefined` in `toModel` means that the value is refused. */
export interface EnumMap<Wire extends number, Model extends string> {
  readonly toModel: ToModel<Wire, Model | undefined>;
  readonly toWire: ToWire<Model, Wire>;
}

/** The word for a wire value, with `fallback` for one that this program does not know. */
export function wordOr<Wire extends number, Model extends string>(
  map: EnumMap<Wire, Model>,
  value: Wire,
  fallback: Model,
): Model {
  return wordOrNone(map, value) ?? fallback;
}

/** The word for a wire value. One without a word is noted: `unspecified` for 0, UNSUPPORTED for a newer program's. */
export function wordOrProblem<Wire extends number, Model extends string>(
  map: EnumMap<Wire, Model>,
  value: Wire,
  where: {
    readonly check: FieldCheck;
    readonly field: string;
    readonly standIn: Model;
    readonly unspecified?: ProblemCode;
  },
): Model {
  const word = wordOrNone(map, value);
  if (word !== undefined) return word;
  if (value === 0) where.check.fail(where.field, 'is not set', where.unspecified);
  else where.check.fail(where.field, `value ${value} is not known to this program`, 'UNSUPPORTED');
  return where.standIn;
}

/** The word for a wire value; undefined when it has none or belongs to a newer program. */
export function wordOrNone<Wire extends number, Model extends string>(
  map: EnumMap<Wire, Model>,
  value: Wire,
): Model | undefined {
  // A peer of another release may send any number; the table holds the known ones.
  return (map.toModel as { readonly [value: number]: Model | undefined })[value];
}

/** What a removal does with objects. */
export const removalModes: EnumMap<assignment.RemovalMode, RemovalMode> = {
  toModel: { 0: undefined, 1: 'prune', 2: 'orphan' },
  toWire: { prune: assignment.RemovalMode.PRUNE, orphan: assignment.RemovalMode.ORPHAN },
};

/** What a row does compared with the one before. */
export const rowModes: EnumMap<assignment.RowMode, RowMode> = {
  toModel: { 0: undefined, 1: 'update', 2: 'rollback', 3: 'adopt' },
  toWire: {
    update: assignment.RowMode.UPDATE,
    rollback: assignment.RowMode.ROLLBACK,
    adopt: assignment.RowMode.ADOPT,
  },
};

/** Why a hub refuses a stream. */
export const refusalCodes: EnumMap<assignment.RefusalCode, RefusalCode> = {
  toModel: {
    0: 'RETRY',
    1: 'RETRY',
    2: 'VERSION',
    3: 'NOT_REGISTERED',
    4: 'PROTOCOL',
    5: 'REPLACED',
    6: 'FENCED',
  },
  toWire: {
    RETRY: assignment.RefusalCode.RETRY,
    VERSION: assignment.RefusalCode.VERSION,
    NOT_REGISTERED: assignment.RefusalCode.NOT_REGISTERED,
    PROTOCOL: assignment.RefusalCode.PROTOCOL,
    REPLACED: assignment.RefusalCode.REPLACED,
    FENCED: assignment.RefusalCode.FENCED,
  },
};

/** Why an agent refuses a row. */
export const rejectionCodes: EnumMap<assignment.RejectionCode, RejectionCode> = {
  toModel: {
    0: 'UNKNOWN',
    1: 'STALE',
    2: 'UNSUPPORTED',
    3: 'INVALID',
    4: 'CAUSE_MISSING',
    5: 'POLICY',
    6: 'LIMIT',
    7: 'STORE',
  },
  toWire: {
    UNKNOWN: assignment.RejectionCode.UNSPECIFIED,
    STALE: assignment.RejectionCode.STALE,
    UNSUPPORTED: assignment.RejectionCode.UNSUPPORTED,
    INVALID: assignment.RejectionCode.INVALID,
    CAUSE_MISSING: assignment.RejectionCode.CAUSE_MISSING,
    POLICY: assignment.RejectionCode.POLICY,
    LIMIT: assignment.RejectionCode.LIMIT,
    STORE: assignment.RejectionCode.STORE,
  },
};

/** Which renderer reads the path. */
export const renderers: EnumMap<assignment.Renderer, Renderer> = {
  toModel: { 0: 'auto', 1: 'plain', 2: 'kustomize', 3: 'helm' },
  toWire: {
    auto: assignment.Renderer.UNSPECIFIED,
    plain: assignment.Renderer.PLAIN,
    kustomize: assignment.Renderer.KUSTOMIZE,
    helm: assignment.Renderer.HELM,
  },
};

/** All or nothing, or as much as possible. */
export const applyModes: EnumMap<assignment.ApplyMode, ApplyPolicy['mode']> = {
  toModel: { 0: 'bestEffort', 1: 'atomic', 2: 'bestEffort' },
  toWire: { atomic: assignment.ApplyMode.ATOMIC, bestEffort: assignment.ApplyMode.BEST_EFFORT },
};

/** What to do with objects and fields of others. */
export const takeOvers: EnumMap<assignment.TakeOver, ApplyPolicy['takeOver']> = {
  toModel: { 0: 'ifNoDiff', 1: 'ifNoDiff', 2: 'always', 3: 'never' },
  toWire: {
    ifNoDiff: assignment.TakeOver.IF_NO_DIFF,
    always: assignment.TakeOver.ALWAYS,
    never: assignment.TakeOver.NEVER,
  },
};

/** What to do with foreign changes. */
export const driftModes: EnumMap<assignment.DriftMode, ApplyPolicy['drift']> = {
  toModel: { 0: 'correct', 1: 'correct', 2: 'report' },
  toWire: { correct: assignment.DriftMode.CORRECT, report: assignment.DriftMode.REPORT },
};

/** State of an assignment in the product's words; what a newer agent calls otherwise is refused: unknown is never green. */
export const agentStates: EnumMap<status.AssignmentState, AgentState> = {
  toModel: {
    0: undefined,
    1: 'Ready',
    2: 'Progressing',
    3: 'Degraded',
    4: 'Stalled',
    5: 'Suspended',
    6: 'Removing',
    7: 'Removed',
  },
  toWire: {
    Ready: status.AssignmentState.READY,
    Progressing: status.AssignmentState.PROGRESSING,
    Degraded: status.AssignmentState.DEGRADED,
    Stalled: status.AssignmentState.STALLED,
    Suspended: status.AssignmentState.SUSPENDED,
    Removing: status.AssignmentState.REMOVING,
    Removed: status.AssignmentState.REMOVED,
  },
};

/** Step inside Progressing; UNSPECIFIED is none. */
export const phases: EnumMap<status.AssignmentPhase, AssignmentPhase> = {
  toModel: {
    0: undefined,
    1: 'queued',
    2: 'fetching',
    3: 'rendering',
    4: 'applying',
    5: 'verifying',
    6: 'pruning',
  },
  toWire: {
    queued: status.AssignmentPhase.QUEUED,
    fetching: status.AssignmentPhase.FETCHING,
    rendering: status.AssignmentPhase.RENDERING,
    applying: status.AssignmentPhase.APPLYING,
    verifying: status.AssignmentPhase.VERIFYING,
    pruning: status.AssignmentPhase.PRUNING,
  },
};
