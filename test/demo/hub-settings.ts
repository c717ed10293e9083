import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { rootFolder } from '../tools/index.ts';
import { controlRepositoryName } from './repository.ts';

/** The command line of the demo's hub. */
export function hubArguments(parts: {
  readonly hubDataDir: string;
  readonly gitUrl: string;
  readonly ports: readonly number[];
  readonly secretFile: string;
  readonly natsPath: string;
}): readonly string[] {
  const [http, agents, enrol, health, nats, webhook] = parts.ports.map((port) => `127.0.0.1:${port}`);
  const settings: Record<string, string | undefined> = {
    'data-dir': parts.hubDataDir,
    'control-url': `${parts.gitUrl}/${controlRepositoryName}.git`,
    'plain-http-hosts': '127.0.0.1',
    'http-address': http,
    'agents-address': agents,
    'enrol-address': enrol,
    'health-address': health,
    'nats-address': nats,
    'nats-server': parts.natsPath,
    'webhook-address': webhook,
    'webhook-secret-file': parts.secretFile,
    'advertise-hosts': '127.0.0.1',
    'log-format': 'json',
  };
  return Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
}

/** The server's post-receive hook: tells the hub that something was pushed; the hub only wakes up for it. */
export async function installHook(
  gitRoot: string,
  to: { readonly secretFile: string; readonly port: number },
): Promise<void> {
  const script = [
    '#!/bin/sh',
    `exec "${process.execPath}" "${join(rootFolder, 'test/demo/post-receive.ts')}" "http://127.0.0.1:${to.port}/hooks/git" "${to.secretFile}"`,
    '',
  ].join('\n');
  const path = join(gitRoot, `${controlRepositoryName}.git`, 'hooks', 'post-receive');
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, script, { mode: 0o755 });
}

/** Ports that are free now. Another process may take one before it is used; the hub then says so. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' ? (address?.port ?? 0) : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
