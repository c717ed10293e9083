import type { ChildProcess } from 'node:child_process';

/** Asks a child over its IPC channel and waits for the answer; the child answers `{id, ok}` or `{id, error}`. */
export function createAsker(child: ChildProcess) {
  let next = 0;
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  child.on('message', (message: { id?: number; ok?: unknown; error?: string }) => {
    const asked = message.id === undefined ? undefined : waiting.get(message.id);
    if (!asked || message.id === undefined) return;
    waiting.delete(message.id);
    if (message.error === undefined) asked.resolve(message.ok);
    else asked.reject(new Error(message.error));
  });
  child.once('exit', () => {
    for (const asked of waiting.values()) asked.reject(new Error('the process has ended'));
  });
  return async function ask(question: object): Promise<unknown> {
    next += 1;
    const id = next;
    return await new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      child.send({ id, ...question });
    });
  };
}
