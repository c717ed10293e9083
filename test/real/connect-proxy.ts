import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';

/** A real HTTP proxy on a free loopback port. */
export interface ConnectProxy extends AsyncDisposable {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  /** `git.example.org:443 Basic …`, in order; `-` where no credential came. */
  readonly asked: readonly string[];
  /** What it answers in place of opening a way: a status; undefined = it opens ways. */
  refuse(status: number | undefined): void;
}

/** Starts a proxy that leads every CONNECT to one loopback port, whatever name was asked for: names are its to resolve. */
export async function startConnectProxy(targetPort: number): Promise<ConnectProxy> {
  const asked: string[] = [];
  const open = new Set<Duplex>();
  let refusal: number | undefined;
  const server = createServer((_request, response) => void response.writeHead(400).end());
  server.on('connect', (request, client: Duplex) => {
    asked.push(`${request.url} ${request.headers['proxy-authorization'] ?? '-'}`);
    client.on('error', () => client.destroy());
    if (refusal !== undefined) return void client.end(`HTTP/1.1 ${refusal} No\r\n\r\n`);
    const target = connect(targetPort, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.pipe(client).pipe(target);
    });
    target.on('error', () => client.destroy());
    target.on('close', () => client.destroy());
    client.on('close', () => target.destroy());
    for (const stream of [client, target]) open.add(stream);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A listening TCP server has an address with a port.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    refuse: (status) => {
      refusal = status;
    },
    async [Symbol.asyncDispose]() {
      for (const stream of open) stream.destroy();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
