import { describeError, FlotillaError } from '@flotilla/shared/base';
import type { ObjectRef } from '@flotilla/shared/model';
import { formatRef } from '@flotilla/shared/model';
import { classifyRefusal, type Failure, maskText } from '../../core/index.ts';
import { KubeError } from '../../kube-port.ts';

/** What was attempted, for the reason of a failure. */
export interface AttemptedCall {
  /** `Apply`, `Delete`, `Read`: begins the reason codes. */
  readonly verb: string;
  readonly ref: ObjectRef;
}

/** A failed call to the API server as a failure with its reason. */
export function kubeFailure(error: unknown, attempted: AttemptedCall): Failure {
  if (error instanceof KubeError) return classifyRefusal(error, attempted);
  return otherFailure(error, { code: `${attempted.verb}Failed`, subject: formatRef(attempted.ref) });
}

/** Any other failure: what its error advises decides whether it passes. */
export function otherFailure(
  error: unknown,
  named: { readonly code: string; readonly subject: string },
): Failure {
  const isFinal = error instanceof FlotillaError && error.retry === 'never';
  return {
    severity: isFinal ? 'final' : 'passing',
    reason: { ...named, text: maskText(describeError(error), '') },
    retryAfterMs: undefined,
  };
}
