/**
 * How Node is told to run our long-lived programs; it stands at the head of each built program.
 *
 * A young generation may grow to 3 x 32 MiB on a machine with much memory, and a program that mostly waits never gives
 * it back. With 4 MiB halves a hub with 1,000 streams needs 90 MiB less at the same processor time (bench `delivery`);
 * with 1 MiB it needs more of both.
 */
export const runtimeFlags: readonly string[] = ['--max-semi-space-size=4'];
