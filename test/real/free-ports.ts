import { createServer } from 'node:net';

/**
 * Ports below the kernel's ephemeral range (32768 on Linux, 49152 on macOS): a port that is free here cannot be taken
 * by somebody's outgoing connection before the server we start has bound it.
 */
const firstPort = 18_000;
const lastPort = 32_000;
const attemptsMax = 500;

/** Finds `count` different ports on which nothing listens on any address. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const found = new Set<number>();
  for (let attempt = 0; attempt < attemptsMax && found.size < count; attempt += 1) {
    const port = firstPort + Math.floor(Math.random() * (lastPort - firstPort));
    if (!found.has(port) && (await isFree(port))) found.add(port);
  }
  if (found.size < count)
    throw new Error(`no ${count} free ports found between ${firstPort} and ${lastPort}`);
  return [...found];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}
