import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { CliError } from '../cli-error.ts';
import { type Followed, follow } from './follow.ts';

let server: Server | undefined;

afterEach(() => server?.close());

type Answer = (response: ServerResponse) => void;

/** A hub that gives these answers in turn, and what it was asked. */
async function hubWith(...answers: readonly Answer[]) {
  const asked: string[] = [];
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const answer = answers[Math.min(asked.length, answers.length) - 1];
    answer?.(response);
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  // A TCP server that listens has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  return { asked, hub: { url: new URL(`http://127.0.0.1:${port}`), token: 't', dataDir: undefined } };
}

const stream =
  (text: string): Answer =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(text);
  };

const refuse: Answer = (response) => {
  response.writeHead(400, { 'content-type': 'application/json' });
  response.end('{"error":{"code":"FLT-2005","text":"the field selector is wrong"}}');
};

async function hear(hub: Parameters<typeof follow>[0]): Promise<{
  readonly heard: readonly Followed<'clusters'>[];
  readonly error: unknown;
}> {
  const heard: Followed<'clusters'>[] = [];
  try {
    const wanted = { kind: 'clusters', since: 'p.1', fieldSelector: 'state=Red' } as const;
    for await (const one of follow(hub, wanted, new AbortController().signal)) heard.push(one);
    return { heard, error: undefined };
  } catch (error) {
    return { heard, error };
  }
}

describe('following a list', () => {
  it('resumes where it was when the stream ends, and ends when the hub refuses', async () => {
    const delta = { asOfMs: 5, changed: [], gone: [{ kind: 'clusters', name: 'eu-1' }] };
    const { asked, hub } = await hubWith(
      stream(`event: delta\nid: p.4\ndata: ${JSON.stringify(delta)}\n\nevent: newer-than-us\ndata: {}\n\n`),
      refuse,
    );

    const { heard, error } = await hear(hub);

    expect(heard).toEqual([{ kind: 'changed', items: [], gone: ['eu-1'], asOfMs: 5 }]);
    expect(asked.map((url) => new URL(url, 'http://h').searchParams.get('since'))).toEqual(['p.1', 'p.4']);
    expect(asked[0]).toContain('fieldSelector=state%3DRed');
    expect((error as CliError).problem.code).toBe('FLT-2005');
  });

  it('tells once that the hub is lost, and when it is back', async () => {
    const { hub } = await hubWith(
      (response) => response.destroy(),
      (response) => response.destroy(),
      stream('event: synced\ndata: {"asOfMs":7}\n\n'),
      refuse,
    );

    const { heard } = await hear(hub);

    expect(heard.map(({ kind }) => kind)).toEqual(['lost', 'back', 'synced']);
  });

  it('takes what is no hub for a lost one, not for an empty fleet', async () => {
    const { hub } = await hubWith((response) => response.end('<html>log in</html>', 'utf8'), refuse);

    const { heard, error } = await hear(hub);

    expect(heard).toMatchObject([{ kind: 'lost', error: { problem: { code: 'FLT-1005' } } }]);
    expect(error).toBeInstanceOf(CliError);
  });
});
