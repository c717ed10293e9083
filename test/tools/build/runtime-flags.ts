/**
 * How Node is told to run our long-lived programs; it stands at the head of each built program.
 *
 * A young generation may grow to 3 x 32 MiB on a machine with much memory, and a program that mostly waits never gives
 * it back: with 4 MiB halves a hub with 1,000 streams needs 90 MiB less at the same processor time; with 1 MiB it needs
 * more of both. The old generation may grow to four times what lives before it is collected: collected after each 30 %,
 * the same hub needs another 60 MiB less (bench `delivery`).
 */
export const runtimeFlags: readonly string[] = ['--max-semi-space-size=4', '--heap-growing-percent=30'];
