import { describeError, FlotillaError, isAbort } from '@flotilla/shared/base';
import { type Problem, type ProblemCode, problemCodes } from '@flotilla/shared/model';
import type { ActionRefusal } from '../../api-port.ts';

/** A request that is answered with something other than 2xx. */
export class ApiError extends FlotillaError {
  override readonly name = 'ApiError';
  /** HTTP status. */
  readonly status: number;
  readonly problem: Problem;

  constructor(status: number, problem: Problem, cause?: unknown) {
    super(problem.text, { code: problem.code, retry: status >= 500 ? 'backoff' : 'never', cause });
    this.status = status;
    this.problem = problem;
  }
}

/** A request that cannot be taken as it is. */
export function badRequest(
  problem: Omit<Problem, 'code'>,
  code: ProblemCode = problemCodes.invalidRequest,
): ApiError {
  return new ApiError(400, { code, ...problem });
}

/** What an action's refusal becomes. */
export function refused({ kind, ...problem }: ActionRefusal): ApiError {
  const status = { 'not-found': 404, conflict: 409, invalid: 422, unavailable: 503 }[kind];
  return new ApiError(status, problem);
}

/** The HTTP status and problem behind whatever was thrown; a defect of ours is 500 and tells no inner detail. */
export function toApiError(caught: unknown): ApiError {
  if (caught instanceof ApiError) return caught;
  const status = statusOf(caught);
  if (status === 413) {
    return new ApiError(413, {
      code: problemCodes.bodyTooLarge,
      text: 'the body of the request is too large',
      cause: describeError(caught),
    });
  }
  if (status !== undefined && status >= 400 && status < 500) {
    return new ApiError(
      status,
      {
        code: problemCodes.invalidRequest,
        text: 'the request cannot be read',
        cause: describeError(caught),
      },
      caught,
    );
  }
  if (isAbort(caught)) {
    return new ApiError(503, {
      code: problemCodes.hubStarting,
      text: 'the hub is closing',
      stillTrue: 'clusters keep what they have',
      next: 'flotilla status',
    });
  }
  return new ApiError(
    500,
    {
      code: problemCodes.hubDefect,
      text: 'the hub failed at this request',
      cause: 'a defect of the hub; its log has the details',
      stillTrue: 'clusters keep what they have',
    },
    caught,
  );
}

/** Fastify's errors carry the status that they mean. */
function statusOf(caught: unknown): number | undefined {
  if (typeof caught !== 'object' || caught === null || !('statusCode' in caught)) return undefined;
  return typeof caught.statusCode === 'number' ? caught.statusCode : undefined;
}
