/** How the command line ends; documented in hub/cli/README.md. */
export const exitCodes = {
  ok: 0,
  /** A difference was found, where that was the question. */
  difference: 1,
  /** The command itself is wrong: unknown words, flags, selectors, names that cannot be. */
  usage: 2,
  /** Failed for good: it will not work by trying again. */
  failed: 3,
  timeout: 4,
  /** Waits for an approval or a window. */
  waiting: 5,
  hubUnreachable: 6,
  notAuthorised: 7,
  /** Done, but of some clusters nothing is known. */
  partial: 8,
  interrupted: 130,
} as const;

/** One of the documented exit codes. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
