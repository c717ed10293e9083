import { constants } from 'node:os';

/** npm hands a Ctrl-C on that the terminal has already given to everybody: one press, two signals. */
const samePressMs = 1_000;

/**
 * A signal that the first Ctrl-C, SIGTERM or SIGHUP aborts, with the exit code that shells expect; a second
 * press ends the process at once.
 */
export function signalOfProcess(): AbortSignal {
  const controller = new AbortController();
  let firstMs = 0;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      const code = 128 + constants.signals[name];
      if (controller.signal.aborted) {
        if (performance.now() - firstMs > samePressMs) process.exit(code);
        return;
      }
      firstMs = performance.now();
      process.exitCode = code;
      controller.abort(new Error(`stopped by ${name}`));
    });
  }
  return controller.signal;
}
