import { GitError } from '../git-error.ts';
import type { GitTimeouts } from './remote-settings.ts';

/** Watches one request: the caller's signal, the longest silence, and the time in all. */
export interface Deadline extends Disposable {
  /** Aborted for any of the three reasons; the reason says which. */
  readonly signal: AbortSignal;
  /** Restarts the silence: something was heard, or is waited for from now on. */
  touch(): void;
  /** Stops the silence while it is we who are slow. */
  pause(): void;
}

/** Starts the clocks. The reason of a deadline is a GitError GIT_TIMEOUT; that of the caller's abort is the caller's. */
export function startDeadline(url: string, timeouts: GitTimeouts, signal: AbortSignal): Deadline {
  const controller = new AbortController();
  const expire = (text: string) => () => controller.abort(new GitError('GIT_TIMEOUT', `${url} ${text}`));
  const onAbort = () => controller.abort(signal.reason);
  const total = setTimeout(
    expire(`did not finish its answer within ${timeouts.totalMs / 1_000} s`),
    timeouts.totalMs,
  );
  let silence: NodeJS.Timeout | undefined;
  const pause = () => clearTimeout(silence);
  const touch = () => {
    pause();
    silence = setTimeout(expire(`was silent for ${timeouts.idleMs / 1_000} s`), timeouts.idleMs);
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  touch();
  return {
    signal: controller.signal,
    touch,
    pause,
    [Symbol.dispose]() {
      clearTimeout(total);
      pause();
      signal.removeEventListener('abort', onAbort);
    },
  };
}
