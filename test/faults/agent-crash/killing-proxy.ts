import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Agent, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { AdminCredential } from '../../real/control-plane/index.ts';

/** Where an API call is broken off by a death. */
export type CallDeath = 'before-forwarding' | 'answer-withheld' | 'after-the-answer';

/** The moment of a death: the n-th API call that is no watch, from 1. */
export interface DeathAt {
  readonly call: number;
  readonly when: CallDeath;
}

/** A proxy in front of an API server, through which one agent speaks. */
export interface KillingProxy extends AsyncDisposable {
  readonly url: string;
  /** Calls since the last `arm`, watches left out. */
  readonly calls: number;
  /** Begins to count anew; `kill` is called once, at that moment. */
  arm(at: DeathAt | undefined, kill: () => void): void;
}

/** Starts a proxy to an API server. It speaks plain HTTP to the agent, and passes its token on. */
export async function startKillingProxy(credential: AdminCredential): Promise<KillingProxy> {
  const agent = new Agent({ keepAlive: true, ca: credential.caPem });
  let calls = 0;
  let death: DeathAt | undefined;
  let kill = () => {};

  function isDeath(call: number, when: CallDeath): boolean {
    return death?.call === call && death.when === when;
  }

  function serve(asked: IncomingMessage, answer: ServerResponse): void {
    const target = new URL(asked.url ?? '/', credential.serverUrl);
    const isWatch = ['1', 'true'].includes(target.searchParams.get('watch') ?? '');
    if (!isWatch) calls += 1;
    const call = isWatch ? 0 : calls;
    if (isDeath(call, 'before-forwarding')) {
      kill();
      return;
    }
    const { host: _host, connection: _connection, ...headers } = asked.headers;
    const passed = request(target, { method: asked.method, headers, agent }, (got) => {
      if (isWatch) {
        answer.writeHead(got.statusCode ?? 502, got.headers);
        // Nothing may happen there for a long time, and the agent waits for the beginning.
        answer.flushHeaders();
        got.pipe(answer);
        return;
      }
      const hand = (body: Buffer) => {
        if (isDeath(call, 'answer-withheld')) {
          kill();
          return;
        }
        const { 'transfer-encoding': _encoding, ...kept } = got.headers;
        answer.writeHead(got.statusCode ?? 502, { ...kept, 'content-length': body.length });
        answer.end(body, () => {
          if (isDeath(call, 'after-the-answer')) kill();
        });
      };
      // Broken off: the agent is gone.
      whole(got).then(hand, () => answer.destroy());
    });
    passed.once('error', () => answer.destroy());
    answer.once('close', () => passed.destroy());
    asked.pipe(passed);
  }

  const server = createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    get calls() {
      return calls;
    },
    arm(at, onDeath) {
      calls = 0;
      death = at;
      kill = onDeath;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      agent.destroy();
    },
  };
}

async function whole(stream: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}
