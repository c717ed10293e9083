import { spawn } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Application, textOf } from './application.ts';
import type { Contender, Started } from './contender.ts';

/** What a person with kubectl does: all files at once; what is no more is deleted by its files. */
export class ByKubectl implements Contender {
  readonly name = 'kubectl';
  readonly namespace = 'bench-kubectl';
  readonly #about: { readonly kubectl: string; readonly kubeconfig: string; readonly folder: string };
  #before: readonly Application[] = [];

  constructor(about: { readonly kubectl: string; readonly kubeconfig: string; readonly folder: string }) {
    this.#about = about;
  }

  async bring(applications: readonly Application[]): Promise<Started> {
    const names = new Set(applications.map(({ name }) => name));
    const gone = this.#before.filter(({ name }) => !names.has(name));
    this.#before = applications;
    const deletes =
      gone.length === 0 ? [] : ['delete', '--wait=false', '-f', await this.#write('gone', gone)];
    const applies =
      applications.length === 0
        ? []
        : ['apply', '--server-side', '-f', await this.#write('wanted', applications)];
    const startedMs = performance.now();
    const said = (async () => {
      for (const args of [applies, deletes]) if (args.length > 0) await this.#run(args);
      return performance.now();
    })();
    return { startedMs, said };
  }

  async #write(name: string, applications: readonly Application[]): Promise<string> {
    const folder = join(this.#about.folder, `kubectl-${name}`);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    for (const one of applications) await writeFile(join(folder, `${one.name}.yaml`), textOf(one));
    return folder;
  }

  #run(args: readonly string[]): Promise<void> {
    const child = spawn(this.#about.kubectl, ['--kubeconfig', this.#about.kubeconfig, ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) =>
        code === 0 ? resolve() : reject(new Error(`kubectl ${args[0]}: ${code}`)),
      );
    });
  }
}
