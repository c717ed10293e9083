import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { hubRuntime, type Runtime } from '../../tools/index.ts';

/** What a process is started with. */
export interface ProcessSettings {
  readonly name: string;
  readonly args: readonly string[];
  readonly env?: { readonly [name: string]: string };
  /** How Node is told to run it; default: as the hub. */
  readonly runtime?: Runtime;
  /** Where its log goes. */
  readonly logFile: string;
}

/** A Node program that runs as a process of its own. */
export interface RunningProcess {
  readonly child: ChildProcess;
  /** First line of its standard output. */
  readonly firstLine: Promise<string>;
  /** Resolves with the exit code, or the signal's name. */
  readonly exited: Promise<number | string>;
  /** Asks it to end, kills it after 10 s. */
  stop(): Promise<void>;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
}

/**
 * Starts a Node program, run as built programs are, with an IPC channel. Standard error is its log file: nothing stands
 * between that would cost time or lose the last lines.
 */
export function startProcess({
  name,
  args,
  env,
  logFile,
  runtime = hubRuntime,
}: ProcessSettings): RunningProcess {
  const log = openSync(logFile, 'a');
  const child = spawn(process.execPath, [...runtime.flags, ...args], {
    stdio: ['ignore', 'pipe', log, 'ipc'],
    env: { ...runtime.env, ...process.env, ...env },
  });
  closeSync(log);
  const exited = new Promise<number | string>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'unknown'));
    child.once('error', () => resolve('not started'));
  });
  const firstLine = new Promise<string>((resolve, reject) => {
    if (child.stdout) createInterface({ input: child.stdout }).once('line', resolve);
    void exited.then((code) =>
      reject(new Error(`${name} ended (${code}) before it said anything; see ${logFile}`)),
    );
  });
  firstLine.catch(() => {});
  async function stop(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await exited;
    clearTimeout(timer);
  }
  return {
    child,
    firstLine,
    exited,
    stop,
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
