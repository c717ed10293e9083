import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '@flotilla/shared/kit';
import type { HubConfig } from '../config.ts';
import { externalNatsConfig } from '../io/nats-accounts/index.ts';
import { openIdentity } from '../io/signer/index.ts';

/**
 * The configuration of an external NATS server for this fleet. Beside it, `<data-dir>/nats-external` gets the server's
 * certificate and key, signed by the fleet's own CA for the advertised hosts: agents trust no other.
 */
export async function natsConfigText(config: HubConfig): Promise<string> {
  const identity = await openIdentity({
    dataDir: config.dataDir,
    identityDir: config.identityDir,
    mayBegin: true,
    trustDomain: config.trustDomain,
    serverNames: config.advertiseHosts,
    clock: systemClock(),
  });
  const folder = join(config.dataDir, 'nats-external');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { certPem, keyPem } = identity.tlsServer();
  const certificateFile = join(folder, 'server.pem');
  const keyFile = join(folder, 'server-key.pem');
  await writeFile(certificateFile, certPem, { mode: 0o600 });
  await writeFile(keyFile, keyPem, { mode: 0o600 });
  return externalNatsConfig(identity.natsAccounts, {
    serverName: 'flotilla-bus',
    host: config.natsAddress.host,
    port: config.natsAddress.port,
    storeDir: './jetstream',
    certificateFile,
    keyFile,
  });
}
