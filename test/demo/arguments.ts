import { parseArgs } from 'node:util';

/** The acts that a second terminal can call. */
export const actNames = [
  'break',
  'undo',
  'fix',
  'approve',
  'window',
  'drift',
  'cut-hub',
  'offline',
  'status',
  'stop',
] as const;

/** One of the acts. */
export type ActName = (typeof actNames)[number];

/** What the demo was asked to do. */
export type DemoRequest =
  | { readonly kind: 'run'; readonly options: DemoOptions }
  | { readonly kind: 'act'; readonly act: ActName; readonly words: readonly string[] }
  | { readonly kind: 'help' }
  | { readonly kind: 'mistake'; readonly text: string };

/** How the demo runs. */
export interface DemoOptions {
  /** Simulated clusters; 0 when `real` is given. */
  readonly clusters: number;
  /** Real control planes instead of simulated clusters. */
  readonly real: number;
  /** Keep everything in this folder; undefined = a temporary one that is removed. */
  readonly keep: string | undefined;
  /** Run every act unattended and end. */
  readonly isSmoke: boolean;
  /** One JSON line on stdout. */
  readonly isJson: boolean;
}

/** The text of `--help`. */
export const usage = `usage: npm run demo [-- OPTIONS]          start a fleet and watch it
       npm run demo -- ACT [ARGUMENT]     from a second terminal

  --clusters N   simulated clusters (default 24): the production agents, on a simulation of the Kubernetes API
  --real N       real control planes with fake nodes instead (1 to 4; about 600 MB each), an agent process for each
  --keep DIR     keep everything in DIR; started again there it goes on: repository, hub (registrations, decisions),
                 ports, the agents' identities and last known good. The clusters themselves are not kept, simulated
                 or real: they begin empty, and their agents apply everything again, without a new token
  --smoke        start, run every act unattended, clean up; exit 0 when all is as it should be
  --json         with --smoke: one JSON line on stdout

acts:
  break          push a commit with an image that does not exist: the canary fails, the rollout halts
  undo           take that commit back while the Git server is away: everybody is on the stable release again
  fix            push a good commit: it supersedes the halted rollout
  approve        push a version that asks a person after the canary, have a cluster join meanwhile, and say yes
  window         push a version together with a closed change window, and take the window away again
  drift          edit an object by hand on one cluster and watch it come back
  cut-hub        kill the hub, drift a cluster, see it corrected, start the hub again
  offline NAME   take the agent of a cluster away (default eu-3, or the last), then bring it back
  status         print the table once
  stop           end the demo
`;

/** Reads the demo's arguments. */
export function parseDemoArguments(args: readonly string[]): DemoRequest {
  const parsed = tryParse(args);
  if (typeof parsed === 'string') return { kind: 'mistake', text: parsed };
  const { values, positionals } = parsed;
  if (values.help) return { kind: 'help' };
  const [word, ...words] = positionals;
  if (word !== undefined) {
    const act = actNames.find((name) => name === word);
    return act ? { kind: 'act', act, words } : { kind: 'mistake', text: `there is no act ${word}` };
  }
  const real = numberIn(values.real, 0, 4);
  const clusters = numberIn(values.clusters, 1, 2_000);
  if (real === undefined) return { kind: 'mistake', text: '--real takes a number from 1 to 4' };
  if (clusters === undefined) return { kind: 'mistake', text: '--clusters takes a number from 1 to 2000' };
  return {
    kind: 'run',
    options: {
      clusters: real > 0 ? 0 : clusters,
      real,
      keep: values.keep,
      isSmoke: values.smoke,
      isJson: values.json,
    },
  };
}

function tryParse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        clusters: { type: 'string', default: '24' },
        real: { type: 'string', default: '0' },
        keep: { type: 'string' },
        smoke: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function numberIn(text: string, min: number, max: number): number | undefined {
  const number = /^[0-9]{1,5}$/.test(text) ? Number(text) : Number.NaN;
  return number >= min && number <= max ? number : undefined;
}
