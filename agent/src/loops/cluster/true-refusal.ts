import type { ObjectRef } from '@flotilla/shared/model';
import { KubeError } from '../../kube-port.ts';
import type { KubePort } from '../../ports.ts';

/**
 * Performs an apply and names a refusal truly. For a field that a built-in kind does not have the API server answers 500
 * without a reason, as it does when its own store or admission fails. The object is at fault when the server refuses a dry run
 * of it again, while it gives a reason, or takes it, when only the object's name is sent the same way: then the refusal is
 * passed on as the 422 that it should be. A server that reads, but fails whatever is written, is no judge of an object.
 */
export async function withTrueRefusal<T>(
  apply: () => Promise<T>,
  check: {
    readonly kube: KubePort;
    readonly ref: ObjectRef;
    /** The same request as a dry run, with the whole object, or with nothing but its name. */
    readonly dryRun: (what: 'whole' | 'name') => Promise<unknown>;
    readonly signal: AbortSignal;
  },
): Promise<T> {
  try {
    return await apply();
  } catch (error) {
    if (!isUnexplained(error)) throw error;
    await check.kube.get(check.ref, check.signal);
    const again: unknown = await check.dryRun('whole').catch((caught: unknown) => caught);
    if (!isUnexplained(again)) throw error;
    const bare: unknown = await check.dryRun('name').catch((caught: unknown) => caught);
    throw isJudging(bare) ? asInvalid(again) : error;
  }
}

/** Taken, or refused for what it is: the server's way of writing works. */
function isJudging(answer: unknown): boolean {
  if (!(answer instanceof Error)) return true;
  return answer instanceof KubeError && [400, 409, 422].includes(answer.status ?? 0);
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
