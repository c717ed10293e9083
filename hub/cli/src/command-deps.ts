import type { ApiClient } from './hub/index.ts';
import type { Terminal } from './terminal.ts';

/** What every command works with. */
export interface CommandDeps {
  readonly terminal: Terminal;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** The hub that the flags, the environment or the context name. Rejects with CliError. */
  readonly openClient: () => Promise<ApiClient>;
}
