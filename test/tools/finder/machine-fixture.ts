import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runChild } from '../child.ts';
import type { FindOptions } from './find-tool.ts';
import type { ReleaseServer } from './release-server.ts';
import { toolNamed } from './table.ts';
import type { Release, Tool } from './tool.ts';

/** A program that answers with a version like the real one; the finder runs it for real. */
export const program = (version: string): string => `#!/bin/sh\necho "nats-server: v${version}"\n`;
export const goodProgram = program('2.15.2');
/** A port where nothing listens. */
export const noRelease = { url: 'http://127.0.0.1:9' };

export function sha256(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The nats-server row with the releases of the given server. */
export function toolFrom(server: Pick<ReleaseServer, 'url'>, change: Partial<Release> = {}): Tool {
  const release: Release = {
    url: `${server.url}/nats-server.tar.gz`,
    archive: 'tar.gz',
    member: 'nats-server-dir/nats-server',
    checksumUrl: `${server.url}/SHA256SUMS`,
    ...change,
  };
  return { ...toolNamed('nats-server'), release: () => release };
}

/** A machine of its own for one test: folders for PATH and cache, no Go, and what the finder said. */
export class Machine implements AsyncDisposable {
  readonly said: string[] = [];
  readonly home: string;

  private constructor(home: string) {
    this.home = home;
  }

  static async make(): Promise<Machine> {
    return new Machine(await mkdtemp(join(tmpdir(), 'flotilla-finder-')));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.home, { recursive: true, force: true });
  }

  options(env: Readonly<Record<string, string>> = {}): FindOptions {
    return {
      say: (line) => this.said.push(line),
      env: {
        FLOTILLA_CACHE: join(this.home, 'cache'),
        FLOTILLA_GO: '/nonexistent/go',
        PATH: `${join(this.home, 'bin')}:/usr/bin:/bin`,
        ...env,
      },
      limits: { answerMs: 2_000, stallMs: 2_000, bytesMax: 1_000_000 },
    };
  }

  async putProgram(path: string, text: string): Promise<string> {
    const file = join(this.home, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    await chmod(file, 0o755);
    return file;
  }

  /** A tar.gz with the program where the release says. */
  async archiveOf(text: string): Promise<Buffer> {
    await this.putProgram('archive/nats-server-dir/nats-server', text);
    const file = join(this.home, 'archive.tar.gz');
    const args = ['-czf', file, '-C', join(this.home, 'archive'), 'nats-server-dir'];
    await runChild('tar', args, { output: 'capture' });
    return readFile(file);
  }

  /** What is left in the tool's cache folder: nothing, or exactly the finished version. */
  async kept(): Promise<readonly string[]> {
    const folder = join(this.home, 'cache/tools/nats-server');
    return existsSync(folder) ? readdir(folder) : [];
  }
}
