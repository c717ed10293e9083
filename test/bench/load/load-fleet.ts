import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ControlSide,
  createAsker,
  type RunningProcess,
  startProcess,
} from '../../real/control-side/index.ts';
import { waitFor } from '../../real/waiting.ts';
import { rootFolder } from '../../tools/index.ts';
import type { AgentsQuestion, LoadAgent } from './agents.ts';
import type { Pace } from './pace.ts';
import type { Proof } from './well-reporter.ts';

/** Which agents to start. */
export interface LoadFleetOptions {
  readonly folder: string;
  readonly count: number;
  /** Labels of the agent with this number. */
  readonly labelsOf: (index: number) => { readonly [key: string]: string };
  /** Whether they say of what they hold that it is Ready. */
  readonly isReporting: boolean;
  readonly say: (line: string) => void;
}

const agentProcesses = 2;
/** A young generation for one agent would be collected all the time where hundreds share the process. */
const runtime = { flags: ['--max-semi-space-size=32'], env: {} };

/** Many agents in two processes of their own. */
export class LoadFleet implements AsyncDisposable {
  readonly processes: readonly RunningProcess[];
  readonly #asks: readonly ((question: object) => Promise<unknown>)[];

  private constructor(processes: readonly RunningProcess[]) {
    this.processes = processes;
    this.#asks = processes.map((process) => createAsker(process.child));
  }

  /** Starts them; those that have not joined in this folder join. Resolves when all have their streams. */
  static async start(control: ControlSide, options: LoadFleetOptions): Promise<LoadFleet> {
    const { count, folder, isReporting, labelsOf, say } = options;
    const known = new Set(
      JSON.parse(await readFile(join(folder, 'agents.json'), 'utf8').catch(() => '[]')) as readonly string[],
    );
    const members: LoadAgent[] = [];
    for (let index = 0; index < count; index += 1) {
      const name = `load-${String(index).padStart(4, '0')}`;
      const joinLine = known.has(name) ? undefined : await control.client.joinLine(name, labelsOf(index));
      members.push({ name, folder: join(folder, 'agents', name), joinLine });
    }
    say(`${count} join lines made; agents join`);
    const fleet = new LoadFleet(
      Array.from({ length: agentProcesses }, (_, index) =>
        startProcess({
          name: `agents ${index}`,
          args: [join(rootFolder, 'test/bench/load/agents.ts')],
          logFile: join(folder, 'logs', `agents-${index}.log`),
          runtime,
        }),
      ),
    );
    await Promise.all(
      fleet.processes.map((_, index) => {
        const agents = members.filter((__, at) => at % agentProcesses === index);
        return fleet.#ask(index, { do: 'start', agents, isReporting });
      }),
    );
    await writeFile(join(folder, 'agents.json'), JSON.stringify(members.map(({ name }) => name)));
    say('all have joined; waiting for their streams');
    await waitFor('all streams', async () => ((await fleet.connected()) === count ? true : undefined), {
      withinMs: 300_000,
      everyMs: 500,
    });
    return fleet;
  }

  /** How many follow the hub. */
  async connected(): Promise<number> {
    const counts = await Promise.all(this.processes.map((_, index) => this.#ask(index, { do: 'connected' })));
    return counts.reduce<number>((sum, one) => sum + Number(one), 0);
  }

  /** How soon what they get from now on is Ready; undefined = at once. */
  async setPace(pace: Pace | undefined): Promise<void> {
    await Promise.all(this.processes.map((_, index) => this.#ask(index, { do: 'pace', pace })));
  }

  /** When rows became proven, since the last call. */
  async proofs(): Promise<readonly Proof[]> {
    const all = await Promise.all(this.processes.map((_, index) => this.#ask(index, { do: 'proofs' })));
    // What agents.ts answers to this question.
    return all.flat() as readonly Proof[];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.processes.map((one) => one.stop()));
  }

  async #ask(index: number, question: AgentsQuestion): Promise<unknown> {
    return await this.#asks[index]?.(question);
  }
}
