import { spawn } from 'node:child_process';
import type { AssignmentReport } from '@flotilla/shared/model';
import type { Order } from './order.ts';

const program = new URL('./mortal-agent.ts', import.meta.url).pathname;

/** What an agent says at the end of a life in which nobody killed it. */
export interface Life {
  readonly writes: number;
  /** What it says of the row at rest. */
  readonly report: AssignmentReport;
}

/** Lets an agent live; answers with its writes and its last word, or with undefined when it was killed. */
export async function live(order: Order, arm: (kill: () => void) => void): Promise<Life | undefined> {
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
  return JSON.parse(text) as Life;
}
