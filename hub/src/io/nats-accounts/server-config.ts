import { limits } from '@flotilla/shared/base';
import type { NatsAccounts } from './accounts.ts';

/** What the configuration text of a NATS server is made from. Paths are those of the machine where the server runs. */
export interface NatsServerSettings {
  readonly serverName: string;
  /** Address to listen on. */
  readonly host: string;
  /** -1 = a free port. */
  readonly port: number;
  /** Folder of the streams. */
  readonly storeDir: string;
  /** PEM: server certificate, then the authorities above it. */
  readonly certificateFile: string;
  readonly keyFile: string;
  /** Undefined = none is written. */
  readonly pidFile: string | undefined;
  /** Folder where the server writes which port it took; undefined = none. */
  readonly portsDir: string | undefined;
}

/**
 * The configuration of a server for this fleet. Clients are known by their JWT alone, so none needs a certificate of its
 * own; every write of a stream is on disk before it is acknowledged, because what people decided must survive a power cut.
 */
export function natsServerConfig(accounts: NatsAccounts, settings: NatsServerSettings): string {
  const preload = accounts.accounts.map(({ name, id, jwt }) => `  # ${name}\n  ${id}: ${quote(jwt)}`);
  const lines = [
    `server_name: ${quote(settings.serverName)}`,
    `listen: ${quote(`${hostText(settings.host)}:${settings.port}`)}`,
    settings.pidFile === undefined ? undefined : `pid_file: ${quote(settings.pidFile)}`,
    settings.portsDir === undefined ? undefined : `ports_file_dir: ${quote(settings.portsDir)}`,
    `max_payload: ${limits.busMessageBytesMax}`,
    // Agents of a whole fleet come back at once after an outage.
    'max_connections: 100000',
    '',
    'tls {',
    `  cert_file: ${quote(settings.certificateFile)}`,
    `  key_file: ${quote(settings.keyFile)}`,
    '  min_version: "1.3"',
    // Handshakes of a returning fleet queue behind each other on a small machine.
    '  timeout: 10',
    '}',
    '',
    'jetstream {',
    `  store_dir: ${quote(settings.storeDir)}`,
    '  sync_interval: always',
    '}',
    '',
    `operator: ${quote(accounts.operatorJwt)}`,
    `system_account: ${accounts.systemAccountId}`,
    'resolver: MEMORY',
    'resolver_preload {',
    ...preload,
    '}',
  ];
  return `${lines.filter((line) => line !== undefined).join('\n')}\n`;
}

/**
 * What `flotilla-hub nats-config` prints for a server that people run themselves: the same text with comments that say
 * what to put where. `clusters` of servers add their own `cluster` block.
 */
export function externalNatsConfig(
  accounts: NatsAccounts,
  settings: Omit<NatsServerSettings, 'pidFile' | 'portsDir'>,
): string {
  const head = [
    '# NATS server for this Flotilla fleet: nats-server 2.12 or newer (atomic batches are needed).',
    '# 1. Put this text into a file, say nats.conf; it holds public keys only, no secret.',
    `# 2. Certificate and key were written beside the hub, signed by the fleet's own CA for --advertise-hosts:`,
    `#    ${settings.certificateFile}, ${settings.keyFile}. Copy them to the server and mend the paths below.`,
    '# 3. Start it: nats-server -c nats.conf',
    '# 4. Start the hub with --nats-urls tls://HOST:PORT; agents are told that address when they join.',
    '# For a cluster of three servers add a "cluster" block to each file and give each its own server_name.',
    '',
  ];
  return (
    head.join('\n') + natsServerConfig(accounts, { ...settings, pidFile: undefined, portsDir: undefined })
  );
}

/** A string of the server's configuration language; JSON's escapes are the ones that it reads. */
function quote(text: string): string {
  return JSON.stringify(text);
}

function hostText(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
