import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A local stand-in for a release page. */
export interface ReleaseServer extends AsyncDisposable {
  readonly url: string;
  /** Paths asked for, in order. */
  readonly asked: readonly string[];
}

/** Serves each path by its handler, everything else with 404; on a port of its own. */
export async function startReleaseServer(
  handlers: Readonly<Record<string, RequestListener>>,
): Promise<ReleaseServer> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    asked.push(path);
    const handler = handlers[path];
    if (handler !== undefined) handler(request, response);
    else response.writeHead(404).end('not found');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** Answers 200 with these bytes. */
export function serve(body: string | Buffer): RequestListener {
  return (_request, response) => response.writeHead(200, { 'content-length': body.length }).end(body);
}
