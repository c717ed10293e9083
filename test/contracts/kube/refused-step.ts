/** A step that the server refused; the refusal is written down already. */
export class RefusedStep extends Error {
  override readonly name = 'RefusedStep';

  constructor(what: string, cause: unknown) {
    super(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** Runs steps that are expected to be refused. A step that is not refused is written down as such. */
export async function refused(step: Promise<unknown>): Promise<void> {
  await step.catch((error: unknown) => {
    if (!(error instanceof RefusedStep)) throw error;
  });
}
