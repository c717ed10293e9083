import { spawn } from 'node:child_process';
import type { Order } from './order.ts';

const program = new URL('./mortal-agent.ts', import.meta.url).pathname;

/** Lets an agent live; answers with its writes, or with undefined when it was killed. */
export async function live(
  order: Order,
  arm: (kill: () => void) => void,
): Promise<{ readonly writes: number } | undefined> {
  const child = spawn(process.execPath, [program, JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  arm(() => void child.kill('SIGKILL'));
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  const [code, signal] = await new Promise<readonly [number | null, NodeJS.Signals | null]>(
    (resolve, reject) => {
      child.once('error', reject);
      child.once('close', (...ended) => resolve(ended));
    },
  );
  if (signal === 'SIGKILL') return undefined;
  if (code !== 0) throw new Error(`the agent ended with code ${code}`);
  // The one line that a mortal agent prints.
  return JSON.parse(text) as { readonly writes: number };
}
