import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '@flotilla/shared/base';
import { writeFileAtomically } from '@flotilla/shared/kit';
import { type NatsAccounts, natsServerConfig } from '../nats-accounts/index.ts';
import type { TlsServerMaterial } from '../signer/index.ts';

/** Where everything of the server lies, below one folder. */
export interface ServerFiles {
  readonly folder: string;
  readonly configFile: string;
  readonly pidFile: string;
  readonly portsDir: string;
  readonly storeDir: string;
  readonly certificateFile: string;
  readonly keyFile: string;
  /** The port taken last, so that agents find the bus again where they were told. */
  readonly portFile: string;
}

/** The layout of the folder. */
export function serverFilesIn(folder: string): ServerFiles {
  return {
    folder,
    configFile: join(folder, 'nats.conf'),
    pidFile: join(folder, 'nats.pid'),
    portsDir: join(folder, 'ports'),
    storeDir: join(folder, 'store'),
    certificateFile: join(folder, 'server.cert.pem'),
    keyFile: join(folder, 'server.key.pem'),
    portFile: join(folder, 'port'),
  };
}

/** What the configuration is written from. */
export interface ServerContent {
  readonly accounts: NatsAccounts;
  readonly tls: TlsServerMaterial;
  readonly host: string;
  readonly port: number;
}

/** Writes configuration and certificates; a server that runs takes them at its next start. */
export async function writeServerFiles(files: ServerFiles, content: ServerContent): Promise<void> {
  const { accounts, tls, host, port } = content;
  await mkdir(files.storeDir, { recursive: true, mode: 0o700 });
  await writeFileAtomically(files.certificateFile, tls.certPem);
  await writeFileAtomically(files.keyFile, tls.keyPem);
  const settings = {
    serverName: 'flotilla-hub',
    host,
    port: port === 0 ? -1 : port,
    storeDir: files.storeDir,
    certificateFile: files.certificateFile,
    keyFile: files.keyFile,
    pidFile: files.pidFile,
    portsDir: files.portsDir,
  };
  await writeFileAtomically(files.configFile, natsServerConfig(accounts, settings));
}

/** Takes away what an earlier run said about its port. Not while one runs: it removes its file itself when it ends. */
export async function forgetPorts(files: ServerFiles): Promise<void> {
  await rm(files.portsDir, { recursive: true, force: true });
  await mkdir(files.portsDir, { recursive: true, mode: 0o700 });
}

/** The port that the server with that process id says it listens on; undefined until it does. */
export async function readTakenPort(files: ServerFiles, pid: number): Promise<number | undefined> {
  const name = (await readdir(files.portsDir)).find((entry) => entry.endsWith(`_${pid}.ports`));
  if (name === undefined) return undefined;
  // {"nats":["tls://127.0.0.1:4222"], ...}; it may be seen half written.
  const text = await readFile(join(files.portsDir, name), 'utf8');
  const port = /"nats"\s*:\s*\[\s*"[a-z]+:\/\/[^"]*:(\d{1,5})"/.exec(text)?.[1];
  return port === undefined ? undefined : Number(port);
}

/** The port taken at the last start; 0 when there was none. */
export async function readLastPort(files: ServerFiles): Promise<number> {
  try {
    const port = Number((await readFile(files.portFile, 'utf8')).trim());
    return Number.isInteger(port) && port > 0 && port < 65_536 ? port : 0;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 0;
    throw error;
  }
}

/** Remembers the port for the next start. */
export async function writeLastPort(files: ServerFiles, port: number): Promise<void> {
  await writeFileAtomically(files.portFile, `${port}\n`);
}
