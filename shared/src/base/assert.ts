/** A broken invariant of our own code: never bad input. The owner of the failing session or assignment closes it. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/** States an invariant. Stays on in production. `why` is the sentence that must be true. */
export function assert(condition: unknown, why: string): asserts condition {
  if (!condition) throw new AssertionError(why);
}

/** Ends an exhaustive switch: does not compile while a case is missing, and throws if one slips in at run time. */
export function assertNever(value: never, what = 'value'): never {
  throw new AssertionError(`unexpected ${what}: ${JSON.stringify(value)}`);
}
