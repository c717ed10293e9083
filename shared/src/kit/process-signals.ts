/** How a program is asked to end. */
export interface ShutdownRequest {
  /** Aborted at the first SIGTERM or SIGINT: finish what is being written, then end with code 0. */
  readonly signal: AbortSignal;
  /** Takes the handlers off again. */
  [Symbol.dispose](): void;
}

/**
 * Listens for SIGTERM and SIGINT. The first one aborts the signal; on a second one `onSecond` is called with the exit
 * code that shells expect (128 + signal number): somebody does not want to wait.
 */
export function listenForShutdown(onSecond: (exitCode: number) => void): ShutdownRequest {
  const controller = new AbortController();
  const onSignal = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) onSecond(name === 'SIGINT' ? 130 : 143);
    else controller.abort(new DOMException(`asked to stop by ${name}`, 'AbortError'));
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      process.off('SIGTERM', onSignal);
      process.off('SIGINT', onSignal);
    },
  };
}
