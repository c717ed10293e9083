import { cryptoRandom, silentLogger, systemClock } from '@flotilla/shared/kit';
import { openIdentity } from '../signer/index.ts';
import { startNatsServer } from './index.ts';

// A hub that only runs its bus server, says the server's process id, and waits to be killed.
const [folder = '', dataDir = '', path] = process.argv.slice(2);
const clock = systemClock();
const identity = await openIdentity({ dataDir, trustDomain: 'flotilla', serverNames: [], clock });
const server = await startNatsServer(
  {
    program: { path, searchPath: '' },
    folder,
    host: '127.0.0.1',
    port: 0,
    accounts: identity.natsAccounts,
    tls: identity.tlsServer(),
    clock,
    random: cryptoRandom(),
    log: silentLogger,
  },
  new AbortController().signal,
);
process.stdout.write(`${server.pid}\n`);
await clock.sleep(600_000, new AbortController().signal);
