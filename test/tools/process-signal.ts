import { constants } from 'node:os';

/**
 * A signal that the first Ctrl-C, SIGTERM or SIGHUP aborts, with the exit code that shells expect; a second
 * one ends the process at once.
 */
export function signalOfProcess(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      const code = 128 + constants.signals[name];
      if (controller.signal.aborted) process.exit(code);
      process.exitCode = code;
      controller.abort(new Error(`stopped by ${name}`));
    });
  }
  return controller.signal;
}
