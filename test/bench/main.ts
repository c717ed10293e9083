/** `npm run bench -- NAME [--json]`: measurements. Reading order: results-file, summary, then one folder for each. */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import type { ToolName } from '../tools/index.ts';
import { type Measured, readMachine, writeResults } from './results-file.ts';

/** What a measurement is asked. */
export interface BenchRequest {
  /** Samples; each measurement has its default. */
  readonly count: number | undefined;
  readonly agents: number | undefined;
  readonly placements: number | undefined;
  /** Keeps its folder, and goes on in it next time. */
  readonly folder: string | undefined;
  readonly say: (line: string) => void;
}

interface Bench {
  readonly about: string;
  readonly tools: readonly ToolName[];
  measure(request: BenchRequest): Promise<Measured>;
}

const benches: Readonly<Record<string, Bench>> = {
  delivery: {
    about: 'one all-at-once assignment to 1,000 connected agents: decision append to ACK at the hub',
    tools: ['nats-server'],
    measure: async (request) => (await import('./delivery/measure.ts')).measureDelivery(request),
  },
  push: {
    about: 'git push to applied on one real cluster, with the hook',
    tools: ['nats-server', 'kube-apiserver', 'etcd', 'kustomize'],
    measure: async (request) => (await import('./push/measure.ts')).measurePush(request, 'hook'),
  },
  'push-polling': {
    about: 'the same without the hook, at the default poll interval',
    tools: ['nats-server', 'kube-apiserver', 'etcd', 'kustomize'],
    measure: async (request) => (await import('./push/measure.ts')).measurePush(request, 'polling'),
  },
  reconcile: {
    about:
      'one agent on a real control plane: 100 applications come, change and go, beside kubectl and a bare client',
    tools: ['nats-server', 'kube-apiserver', 'etcd', 'kubectl', 'kustomize'],
    measure: async (request) => (await import('./reconcile/index.ts')).measureReconcile(request),
  },
  monorepo: {
    about:
      'one application of 1,000 objects in a repository of 5,000 files and 70 MB: memory, and bytes on the wire for one line',
    tools: ['nats-server', 'kube-apiserver', 'etcd', 'kustomize'],
    measure: async (request) => (await import('./monorepo/index.ts')).measureMonorepo(request),
  },
  idle: {
    about: 'resident memory of a hub and of an agent at rest, each alone',
    tools: ['nats-server', 'kube-apiserver', 'etcd'],
    measure: async (request) => (await import('./idle/measure.ts')).measureIdle(request),
  },
  rollouts: {
    about:
      '100 rollouts at once over 1,000 simulated agents: wall, hub, from the last evidence to the next wave',
    tools: ['nats-server'],
    measure: async (request) => (await import('./rollouts/measure.ts')).measureRollouts(request),
  },
  restart: {
    about:
      'a hub that begins again with 1,000 placements on 1,000 clusters; a commit that changes one of them',
    tools: ['nats-server'],
    measure: async (request) => (await import('./restart/measure.ts')).measureRestart(request),
  },
  demo: {
    about: '`npm run demo`: first screen, all Ready, memory of the whole tree of processes',
    tools: ['nats-server', 'kustomize'],
    measure: async (request) => (await import('./demo/measure.ts')).measureDemo(request),
  },
  cli: {
    about: 'start of the command line',
    tools: ['nats-server'],
    measure: async (request) => (await import('./cli/measure.ts')).measureCli(request),
  },
};

const usage = `usage: npm run bench -- NAME [--json] [--count N] [--agents N] [--placements N] [--folder DIR] [--no-write]

${Object.entries(benches)
  .map(([name, { about }]) => `  ${name.padEnd(13)} ${about}`)
  .join('\n')}

Measures the single files of dist/ (npm run build). Nothing else may run meanwhile; test/bench/results keeps the lines.
`;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      count: { type: 'string' },
      agents: { type: 'string' },
      placements: { type: 'string' },
      folder: { type: 'string' },
      'no-write': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const [name = ''] = positionals;
  const bench = benches[name];
  if (bench === undefined || values.help) {
    process.stderr.write(usage);
    return values.help ? 0 : 2;
  }
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  const [load = 0] = loadavg();
  if (load > 0.5) say(`the machine is not quiet (load ${load.toFixed(2)}): the figures will say so`);
  const machine = await readMachine(bench.tools);
  const count = (text: string | undefined) => (text === undefined ? undefined : Number(text));
  const measured = await bench.measure({
    count: count(values.count),
    agents: count(values.agents),
    placements: count(values.placements),
    folder: values.folder,
    say,
  });
  for (const line of measured.text) say(line);
  if (!values['no-write']) say(`written to ${await writeResults(name, machine, measured)}`);
  if (values.json) process.stdout.write(`${JSON.stringify({ name, machine, ...measured.figures })}\n`);
  return 0;
}
