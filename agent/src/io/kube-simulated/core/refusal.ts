import type { KubeErrorCause } from '../../../kube-port.ts';
import type { KubeStatus } from '../../../kube-status.ts';
import type { Value } from './values.ts';

/** The simulated server says no. The port turns `status` into a KubeError as the real adapter does. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: KubeStatus;

  constructor(status: KubeStatus) {
    super(status.message);
    this.status = status;
  }
}

/** A resource or kind as the server names it in texts: `deployments.apps`, `pods`. */
export interface Named {
  readonly group: string;
  readonly resource: string;
  readonly kind: string;
}

/** One problem that validation found, in the words of the server's field errors. */
export interface FieldProblem {
  readonly type:
    | 'Required'
    | 'Invalid'
    | 'NotSupported'
    | 'Duplicate'
    | 'Forbidden'
    | 'TooLong'
    | 'TypeInvalid';
  readonly field: string;
  /** The refused value, for Invalid, NotSupported and Duplicate. */
  readonly value?: Value;
  readonly detail: string;
}

/** 404 for one object. */
export function notFound(named: Named, name: string): Refusal {
  return refuse(404, 'NotFound', `${resourceName(named)} "${name}" not found`, { name });
}

/** 404 for a path that is not served at all, such as the status of a kind without one. */
export function notServed(): Refusal {
  return refuse(404, 'NotFound', 'the server could not find the requested resource');
}

/** 404 for a namespace that an object should be made in. */
export function namespaceNotFound(namespace: string): Refusal {
  return refuse(404, 'NotFound', `namespaces "${namespace}" not found`, { name: namespace });
}

/** 409 for a create. */
export function alreadyExists(named: Named, name: string): Refusal {
  return refuse(409, 'AlreadyExists', `${resourceName(named)} "${name}" already exists`, { name });
}

/** 409 because the object is not the one, or not at the version, that was meant. */
export function conflict(subject: string, name: string, text: string): Refusal {
  return refuse(409, 'Conflict', `Operation cannot be fulfilled on ${subject} "${name}": ${text}`, { name });
}

/** 409 because other managers own fields. */
export function applyConflict(message: string, causes: readonly KubeErrorCause[]): Refusal {
  return refuse(409, 'Conflict', message, { causes });
}

/** 410: the version is too old to watch from. */
export function expired(asked: number, oldest: number): Refusal {
  return refuse(410, 'Expired', `too old resource version: ${asked} (${oldest})`);
}

/** 403 by an admission rule. */
export function forbidden(
  named: Named,
  name: string,
  text: string,
  causes: readonly KubeErrorCause[] = [],
): Refusal {
  return refuse(403, 'Forbidden', `${resourceName(named)} "${name}" is forbidden: ${text}`, { name, causes });
}

/** 400. */
export function badRequest(text: string): Refusal {
  return refuse(400, 'BadRequest', text);
}

/** 500 without a reason: how the server reports an apply that its schema does not allow. */
export function internal(text: string): Refusal {
  return refuse(500, '', text);
}

/** 422 with every field problem. */
export function invalid(named: Named, name: string, problems: readonly FieldProblem[]): Refusal {
  const kind = named.group === '' ? named.kind : `${named.kind}.${named.group}`;
  const texts = problems.map((problem) => `${problem.field}: ${describeProblem(problem)}`);
  const text = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  const causes = problems.map((problem) => ({
    reason: `FieldValue${problem.type === 'TypeInvalid' ? 'TypeInvalid' : problem.type}`,
    message: describeProblem(problem),
    field: problem.field,
  }));
  return refuse(422, 'Invalid', `${kind} "${name}" is invalid: ${text}`, { name, causes });
}

/** The name of a resource in the server's texts. */
export function resourceName(named: { readonly group: string; readonly resource: string }): string {
  return named.group === '' ? named.resource : `${named.resource}.${named.group}`;
}

function describeProblem(problem: FieldProblem): string {
  const value = problem.value === undefined ? '' : `: ${JSON.stringify(problem.value)}`;
  const detail = problem.detail === '' ? '' : `: ${problem.detail}`;
  switch (problem.type) {
    case 'Required':
      return `Required value${detail}`;
    case 'Forbidden':
      return `Forbidden${detail}`;
    case 'Invalid':
    case 'TypeInvalid':
      return `Invalid value${value}${detail}`;
    case 'NotSupported':
      return `Unsupported value${value}${detail}`;
    case 'Duplicate':
      return `Duplicate value${value}`;
    case 'TooLong':
      return `Too long${detail}`;
  }
}

function refuse(
  code: number,
  reason: string,
  message: string,
  more: { readonly name?: string; readonly causes?: readonly KubeErrorCause[] } = {},
): Refusal {
  return new Refusal({
    code,
    reason,
    message,
    causes: more.causes ?? [],
    name: more.name,
    retryAfterMs: undefined,
  });
}
