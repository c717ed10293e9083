import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { Agent, request } from 'node:https';
import type { AdminCredential } from '../real/control-plane/index.ts';

/** A whole answer of the API server. */
export interface PassedAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Passes requests of one agent on to an API server, with the token that they carry. */
export interface Forwarder {
  /** Passes a request on. A watch is passed back as it comes; any other answer is given to `hand` when it is whole. */
  pass(asked: IncomingMessage, answer: ServerResponse, hand: (got: PassedAnswer) => void): void;
  close(): void;
}

/** Opens one, with kept connections. */
export function openForwarder(credential: AdminCredential): Forwarder {
  const agent = new Agent({ keepAlive: true, ca: credential.caPem });
  return {
    pass(asked, answer, hand) {
      const target = new URL(asked.url ?? '/', credential.serverUrl);
      const { host: _host, connection: _connection, ...headers } = asked.headers;
      const passed = request(target, { method: asked.method, headers, agent }, (got) => {
        if (isWatch(asked)) {
          answer.writeHead(got.statusCode ?? 502, got.headers);
          // Nothing may happen there for a long time, and the agent waits for the beginning.
          answer.flushHeaders();
          got.pipe(answer);
          return;
        }
        const { 'transfer-encoding': _encoding, ...kept } = got.headers;
        const status = got.statusCode ?? 502;
        whole(got).then(
          (body) => hand({ status, headers: { ...kept, 'content-length': String(body.length) }, body }),
          // Broken off: the agent is gone.
          () => answer.destroy(),
        );
      });
      passed.once('error', () => answer.destroy());
      answer.once('close', () => passed.destroy());
      asked.pipe(passed);
    },
    close: () => agent.destroy(),
  };
}

/** Whether a request asks to be told of changes. */
export function isWatch(asked: IncomingMessage): boolean {
  const { searchParams } = new URL(asked.url ?? '/', 'http://localhost');
  return ['1', 'true'].includes(searchParams.get('watch') ?? '');
}

async function whole(stream: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}
