/** A named check of a strategy's stage, as the plan pins it (rollout design, "gates"). */
export type StageCheck = ClusterCheck | WebhookCheck;

/** A check that goes with the row: the agent evaluates it, and the assignment is Ready only while it holds. */
export type ClusterCheck = KstatusCheck | CelCheck | JobCheck;

/** What every check has. */
interface NamedCheck {
  /** Name of the Check document. */
  readonly name: string;
  /** It counts as failed when it did not pass within so long. At least 1. */
  readonly timeoutMs: number;
}

/** One object is as its manifest asks (kstatus: Current), whoever owns it. */
export interface KstatusCheck extends NamedCheck {
  readonly kind: 'kstatus';
  readonly object: CheckedObject;
}

/** A CEL expression over one object is true. */
export interface CelCheck extends NamedCheck {
  readonly kind: 'cel';
  readonly object: CheckedObject;
  /** Over `object`, and `status`, which is object.status or the empty map. */
  readonly expression: string;
}

/** A Job that runs once for each version of the row comes to its end. */
export interface JobCheck extends NamedCheck {
  readonly kind: 'job';
  /** Manifest of a batch/v1 Job without a name, as JSON text. */
  readonly jobJson: string;
}

/** Somebody outside says yes; the hub asks, once all waves of the stage have passed. */
export interface WebhookCheck extends NamedCheck {
  readonly kind: 'webhook';
  readonly url: string;
  /** Name of a credential of the hub, sent as bearer; undefined = none. */
  readonly credential: string | undefined;
}

/** One object of a cluster by its name; the version is the one that the cluster prefers. */
export interface CheckedObject {
  /** '' is the core group. */
  readonly group: string;
  readonly kind: string;
  readonly name: string;
  /** Undefined = the placement's namespace where the kind has one. */
  readonly namespace: string | undefined;
}

/** Variables of an expression about an object: the object, and its `status`, which is the empty map when there is none. */
export const healthVariables: readonly string[] = ['object', 'status'];

/** Those that go with the row. */
export function clusterChecksOf(checks: readonly StageCheck[]): readonly ClusterCheck[] {
  return checks.filter((one): one is ClusterCheck => one.kind !== 'webhook');
}

/** Those that the hub asks. */
export function webhookChecksOf(checks: readonly StageCheck[]): readonly WebhookCheck[] {
  return checks.filter((one) => one.kind === 'webhook');
}
