import { limits, parseClusterName, parseDurationMs } from '@flotilla/shared/base';
import { apiVersion, isLoopbackHost, type JoinTokenMade } from '@flotilla/shared/model';
import { usageError } from '../cli-error.ts';
import type { CommandDeps } from '../command-deps.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { type OutputFormat, shellWord, timeText, writeDocument } from '../output/index.ts';
import { commandText, type Terminal } from '../terminal.ts';

/** How an agent gets its rights on a cluster; the folders below deploy/agent/profiles. */
export const profiles = ['admin', 'listed', 'namespaced'] as const;

/** Flags of `cluster join-command`. */
export interface JoinOptions {
  readonly output: OutputFormat;
  readonly labels?: readonly string[] | undefined;
  readonly ttl: string;
  readonly profile: (typeof profiles)[number];
  readonly only?: 'process' | 'kubectl' | 'line' | undefined;
  readonly rejoin?: boolean | undefined;
  readonly reason?: string | undefined;
}

/** `flotilla cluster join-command NAME`: prints what to paste, and says beside it what it does. */
export async function joinCommand(name: string, options: JoinOptions, deps: CommandDeps): Promise<ExitCode> {
  const labels = labelsOf(options.labels ?? []);
  const ttlMs = ttlOf(options.ttl);
  const parsed = parseClusterName(name);
  if (!parsed.ok)
    throw usageError(`${JSON.stringify(name)} cannot be the name of a cluster`, { cause: parsed.error });
  if (options.rejoin === true && Object.keys(labels).length > 0)
    throw usageError('--labels cannot be given with --rejoin', {
      cause: `${name} keeps the labels that it has; change them in its file in the control repository`,
    });
  const client = await deps.openClient();
  const made = await client.createJoinToken(
    { name, rejoin: options.rejoin ?? false, labels, ttlMs, reason: options.reason ?? '' },
    deps.signal,
  );
  const commands = commandsFor(made, options.profile);
  if (options.output === 'json' || options.output === 'yaml') {
    await writeDocument(
      { apiVersion, kind: 'JoinCommand', ...made, ...commands },
      options.output,
      deps.terminal,
    );
    return exitCodes.ok;
  }
  printCommands(made, commands, options, deps.terminal);
  return exitCodes.ok;
}

interface Commands {
  /** For a process with a kubeconfig. */
  readonly process: string;
  /** For a kubectl that points at the cluster. */
  readonly kubectl: string;
}

function commandsFor({ joinLine }: JoinTokenMade, profile: string): Commands {
  const line = shellWord(joinLine);
  const apply = '--dry-run=client -o yaml | kubectl apply -f -';
  const kubectl = [
    `kubectl create namespace flotilla-system ${apply}`,
    `kubectl -n flotilla-system create secret generic flotilla-join --from-literal=join=${line} ${apply}`,
    `kubectl apply -k deploy/agent/profiles/${profile}`,
  ].join(' && ');
  return { process: `flotilla-agent run --join ${line} --kubeconfig ~/.kube/config`, kubectl };
}

function printCommands(
  made: JoinTokenMade,
  commands: Commands,
  options: JoinOptions,
  terminal: Terminal,
): void {
  const { print, say, paintSaid, programName } = terminal;
  if (options.only !== undefined) {
    print(options.only === 'line' ? made.joinLine : commands[options.only]);
  } else {
    say(paintSaid('as a process, with a kubeconfig of the cluster:', 'strong'));
    print(commands.process);
    say(
      paintSaid(
        '\nor inside the cluster, with kubectl pointing at it and in a clone of the repository:',
        'strong',
      ),
    );
    print(commands.kubectl);
    say('');
    if (options.profile === 'admin') {
      say('the agent may do everything on the cluster; --profile listed or namespaced narrows it');
    }
  }
  say(`the token is a secret: it joins one cluster, once, until ${timeText(made.expiresAtMs)}`);
  sayLoopback(made.joinLine, terminal);
  say(
    `next: ${commandText(programName, `flotilla get clusters ${made.name ?? ''} -w`.replaceAll('  ', ' '))}`,
  );
}

/** A loopback address in a join line works only for agents on this machine; said before somebody wonders. */
function sayLoopback(joinLine: string, { say, paintSaid }: Terminal): void {
  const address = joinLine.slice(0, joinLine.indexOf('/'));
  if (!isLoopbackHost(address.replace(/:[0-9]+$/, ''))) return;
  say(
    `${paintSaid('note', 'moving')}: ${address} means the machine on which the agent runs, so this works only beside the hub; ` +
      'for other machines, and for pods, start the hub with --advertise-hosts NAME',
  );
}

function labelsOf(texts: readonly string[]): { readonly [key: string]: string } {
  const labels: Record<string, string> = {};
  for (const text of texts.flatMap((one) => one.split(','))) {
    const [, key, value] =
      /^([A-Za-z0-9](?:[-A-Za-z0-9_./]*[A-Za-z0-9])?)=([-A-Za-z0-9_.]{0,63})$/.exec(text) ?? [];
    if (key === undefined || value === undefined) {
      throw usageError(`${JSON.stringify(text)} is not a label`, {
        cause: 'labels are written k=v, joined by commas',
      });
    }
    labels[key] = value;
  }
  return labels;
}

function ttlOf(text: string): number {
  const read = parseDurationMs(text);
  if (!read.ok) throw usageError('--ttl is wrong', { cause: read.error });
  if (read.value >= 1_000 && read.value <= limits.joinTokenLifeMsMax) return read.value;
  throw usageError(`--ttl ${text} is out of bounds`, { cause: 'a token lives from 1s to 30d' });
}
