import { createServer, connect as dial, type Server } from 'node:net';
import type { EnrolOptions } from '@flotilla/agent/identity';
import type { StateStore } from '@flotilla/agent/ports';
import { type ClusterName, parseClusterName } from '@flotilla/shared/base';

/** A signal that nobody raises. */
export const never = new AbortController().signal;

/** A cluster name. */
export function nameOf(text: string): ClusterName {
  const parsed = parseClusterName(text);
  if (parsed.ok) return parsed.value;
  throw new Error(parsed.error);
}

/** What an agent joins with. */
export function joinOptions(joinLine: string, store: StateStore): EnrolOptions {
  return { joinLine, store, kubeSystemUid: 'kube-system-uid', agentVersion: '0.1.0' };
}

/** What is thrown in the place of a process's death. */
export class Crash extends Error {
  constructor() {
    super('died');
  }
}

/** The store of a process that dies before, or right after, its n-th change. */
export function dyingStore(inner: StateStore, at: number, isAfter: boolean): StateStore {
  let changes = 0;
  const dying = async (act: () => Promise<void>): Promise<void> => {
    changes += 1;
    if (changes === at && !isAfter) throw new Crash();
    await act();
    if (changes === at) throw new Crash();
  };
  return {
    damage: inner.damage,
    read: (key, signal) => inner.read(key, signal),
    list: (prefix, signal) => inner.list(prefix, signal),
    write: (key, value, signal) => dying(() => inner.write(key, value, signal)),
    remove: (key, signal) => dying(() => inner.remove(key, signal)),
  };
}

/** TCP servers of one test. */
export interface TestPorts extends AsyncDisposable {
  /** Opens a server on a free port of a loopback address. */
  listen(server: Server, host?: string): Promise<number>;
  /** Passes bytes on to a port; `onAnswer` sees what comes back, and may cut the connection. */
  forward(target: number, host?: string, onAnswer?: (kill: () => void) => void): Promise<number>;
  /** A port on which nobody listens. */
  closedPort(): Promise<number>;
}

/** Opens servers that are closed together. */
export function testPorts(): TestPorts {
  const servers: Server[] = [];
  async function listen(server: Server, host = '127.0.0.1'): Promise<number> {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the server has no port');
    return address.port;
  }
  return {
    listen,
    forward: (target, host, onAnswer = () => {}) => listen(forwarder(target, onAnswer), host),
    async closedPort() {
      const server = createServer();
      const port = await listen(server);
      servers.splice(servers.indexOf(server), 1);
      await new Promise((resolve) => server.close(resolve));
      return port;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

function forwarder(target: number, onAnswer: (kill: () => void) => void): Server {
  return createServer((down) => {
    const up = dial(target, '127.0.0.1');
    const kill = (): void => {
      down.destroy();
      up.destroy();
    };
    for (const socket of [down, up]) socket.on('error', kill).on('close', kill);
    down.on('data', (chunk) => up.write(chunk));
    up.on('data', (chunk) => {
      onAnswer(kill);
      if (!down.destroyed) down.write(chunk);
    });
  });
}
