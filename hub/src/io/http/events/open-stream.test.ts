import { limits } from '@flotilla/shared/base';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clusterItem } from '../../../../../test/fakes/hub-api/index.ts';
import { listSchema } from '../schema/index.ts';
import { codeOf, type ServedApi, serveApi } from '../served-api-fixture.ts';

let served: ServedApi;

beforeEach(async () => {
  served = await serveApi();
});

afterEach(() => served[Symbol.asyncDispose]());

describe('the event stream', () => {
  /** Reads a stream until the text holds what is waited for. */
  async function readUntil(answer: Response, wanted: string): Promise<string> {
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!text.includes(wanted)) {
      const { done, value } = await reader.read();
      if (done) break;
      text += value;
    }
    await reader.cancel();
    return text;
  }

  it('sends a snapshot and then what changes', async () => {
    const { api, call } = served;
    const answer = await call('/events?kinds=clusters');
    expect(answer.headers.get('content-type')).toContain('text/event-stream');
    const heard = readUntil(answer, '"name":"eu-77"');
    api.put('clusters', clusterItem('eu-77'));

    expect(await heard).toContain('event: synced');
  });

  it('resumes after a list by its sequence, by query or by Last-Event-ID', async () => {
    const { api, call } = served;
    const { metadata } = listSchema('clusters').parse(await (await call('/clusters')).json());
    api.put('clusters', clusterItem('eu-78'));

    const byQuery = await call(`/events?kinds=clusters&since=${metadata.sequence}`);
    const byHeader = await call('/events?kinds=clusters', {
      headers: { 'last-event-id': metadata.sequence },
    });

    for (const answer of [byQuery, byHeader]) {
      const text = await readUntil(answer, '"name":"eu-78"');
      expect(text).toContain('event: delta');
      expect(text).not.toContain('event: snapshot');
    }
  });

  it.each([
    ['/events?kinds=colours', 'FLT-2004'],
    ['/events?kinds=', 'FLT-2004'],
    ['/events?labelSelector=a', 'FLT-2005'],
    ['/events?kinds=status&fieldSelector=state%3DReady', 'FLT-2005'],
    ['/events?kinds=clusters&fieldSelector=state%3DRed', 'FLT-2005'],
  ])('refuses %s with %s', async (path, code) => {
    const { call } = served;
    expect(await codeOf(await call(path))).toEqual([400, code]);
  });

  it('is bounded in number: one more reader is refused, the others go on', async () => {
    const { server, call } = served;
    const leaving = new AbortController();
    const readers = Array.from({ length: limits.sseReadersMax }, () =>
      call('/events?kinds=status', { signal: leaving.signal }),
    );
    await Promise.all(readers);
    expect(server.streams.count).toBe(limits.sseReadersMax);

    expect(await codeOf(await call('/events?kinds=status'))).toEqual([503, 'FLT-2008']);
    expect((await call('/clusters')).status).toBe(200);

    leaving.abort();
    await expect.poll(() => server.streams.count).toBe(0);
  });

  it('ends when the hub closes', async () => {
    const { server, call } = served;
    const answer = await call('/events?kinds=status');
    const text = answer.text();
    await server[Symbol.asyncDispose]();
    await expect(text.catch(() => 'cut')).resolves.toMatch(/event: closing|cut/);
  });
});
