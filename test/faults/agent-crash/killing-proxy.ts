import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AdminCredential } from '../../real/control-plane/index.ts';
import { isWatch, openForwarder } from '../forwarder.ts';

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
  const forwarder = openForwarder(credential);
  let calls = 0;
  let death: DeathAt | undefined;
  let kill = () => {};

  function isDeath(call: number, when: CallDeath): boolean {
    return death?.call === call && death.when === when;
  }

  function serve(asked: IncomingMessage, answer: ServerResponse): void {
    if (!isWatch(asked)) calls += 1;
    const call = isWatch(asked) ? 0 : calls;
    if (isDeath(call, 'before-forwarding')) {
      kill();
      return;
    }
    forwarder.pass(asked, answer, ({ status, headers, body }) => {
      if (isDeath(call, 'answer-withheld')) {
        kill();
        return;
      }
      answer.writeHead(status, headers);
      answer.end(body, () => {
        if (isDeath(call, 'after-the-answer')) kill();
      });
    });
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
      forwarder.close();
    },
  };
}
