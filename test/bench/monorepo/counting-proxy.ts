import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands between a client and a server, and counts what goes over the wire. */
export interface CountingProxy extends AsyncDisposable {
  readonly port: number;
  /** Bytes both ways since the last time that it was asked. */
  take(): number;
}

/** Starts one on a free loopback port, before another loopback port. */
export async function startCountingProxy(targetPort: number): Promise<CountingProxy> {
  const open = new Set<Socket>();
  let bytes = 0;
  const count = (chunk: Buffer) => {
    bytes += chunk.length;
  };
  const server = createServer((client) => {
    const target = connect(targetPort, '127.0.0.1');
    for (const [from, to] of [
      [client, target],
      [target, client],
    ] as const) {
      open.add(from);
      from.on('data', count);
      from.on('error', () => to.destroy());
      from.on('close', () => open.delete(from));
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A listening TCP server has an address with a port.
  const { port } = server.address() as AddressInfo;
  return {
    port,
    take() {
      const taken = bytes;
      bytes = 0;
      return taken;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
