import { connect, createServer, type Server, type Socket } from 'node:net';

/** A load balancer of TCP, as stands before several hubs: each connection goes to one that answers, in turn. */
export class FrontDoor implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Listens, and passes on to the same port of the hubs' own addresses. */
  static async open(
    listen: { readonly host: string; readonly port: number },
    behind: readonly string[],
  ): Promise<FrontDoor> {
    let turn = 0;
    const server = createServer((socket) => {
      turn += 1;
      const order = behind.map((_, index) => behind[(index + turn) % behind.length] ?? '');
      void door.#pass(socket, order, listen.port);
    });
    const door = new FrontDoor(server);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(listen.port, listen.host, resolve);
    });
    return door;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #pass(socket: Socket, order: readonly string[], port: number): Promise<void> {
    this.#hold(socket);
    for (const host of order) {
      const inner = await dial(host, port);
      if (inner === undefined) continue;
      this.#hold(inner);
      socket.pipe(inner).pipe(socket);
      socket.once('close', () => inner.destroy());
      inner.once('close', () => socket.destroy());
      return;
    }
    socket.destroy();
  }

  #hold(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#sockets.delete(socket));
  }
}

function dial(host: string, port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(undefined));
  });
}
