import type { ObjectRef } from '@flotilla/shared/model';
import { KubeError } from '../../kube-port.ts';
import type { KubePort } from '../../ports.ts';

/**
 * Performs an apply and names a refusal truly. For a field that a built-in kind does not have the API server answers 500
 * without a reason, as it does when its own store fails. The object is at fault when the server can read, and refuses a
 * dry run of the same object again: then the refusal is passed on as the 422 that it should be.
 */
export async function withTrueRefusal<T>(
  apply: () => Promise<T>,
  check: {
    readonly kube: KubePort;
    readonly ref: ObjectRef;
    readonly dryRun: () => Promise<unknown>;
    readonly signal: AbortSignal;
  },
): Promise<T> {
  try {
    return await apply();
  } catch (error) {
    if (!isUnexplained(error)) throw error;
    await check.kube.get(check.ref, check.signal);
    const again: unknown = await check.dryRun().catch((caught: unknown) => caught);
    throw isUnexplained(again) ? asInvalid(again) : error;
  }
}

function isUnexplained(error: unknown): error is KubeError {
  return error instanceof KubeError && error.status === 500 && error.reason === '';
}

function asInvalid(error: KubeError): KubeError {
  return new KubeError(error.message, {
    code: 'KUBE_INVALID',
    retry: 'never',
    status: 422,
    reason: 'Invalid',
    causes: error.causes,
    retryAfterMs: undefined,
    cause: error,
  });
}
