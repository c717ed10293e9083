import { createServer } from 'node:net';

/**
 * Ports below the kernel's ephemeral range (32768 on Linux, 49152 on macOS): a port that is free here cannot be taken
 * by somebody's outgoing connection before the server we start has bound it.
 */
const firstPort = 18_000;
const portCount = 14_000;
/** Processes with neighbouring ids start so far apart, and each goes on where it stopped. */
const stride = 280;

let nextOffset = (process.pid * stride) % portCount;

/**
 * Finds `count` different ports on which nothing listens on any address. No port is given out twice by one process before all
 * others were: between the look and the bind of its server it is free for whoever asks.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const found: number[] = [];
  for (let attempt = 0; attempt < portCount && found.length < count; attempt += 1) {
    const port = firstPort + nextOffset;
    nextOffset = (nextOffset + 1) % portCount;
    if (await isFree(port)) found.push(port);
  }
  if (found.length < count)
    throw new Error(`no ${count} free ports found between ${firstPort} and ${firstPort + portCount}`);
  return found;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}
