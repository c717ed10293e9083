import { type ClusterUid, limits } from '@flotilla/shared/base';
import { eventsSubject, inboxPrefix, statusSubject } from '@flotilla/shared/model';
import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newUid, startTestBus, type TestBus } from './index.ts';

// The judge is a raw client of the NATS authors: what it can do is what an agent that was taken over can do.
const answerMs = 5_000;

let bus: TestBus;
let fleet: NatsConnection;
let streams: JetStreamManager;

beforeAll(async () => {
  bus = await startTestBus();
  fleet = await bus.connectHub('FLEET');
  streams = await jetstreamManager(fleet);
  await makeStreams({ no_ack: true });
});
afterAll(() => bus[Symbol.asyncDispose]());

async function makeStreams(change: { readonly no_ack: boolean }): Promise<void> {
  for (const name of await streams.streams.names().next()) await streams.streams.delete(name);
  const one = { max_msgs_per_subject: 1, discard: 'old', storage: 'file', ...change } as const;
  await streams.streams.add({ name: 'FLOTILLA_STATUS', subjects: ['flotilla.status.*'], ...one });
  await streams.streams.add({
    name: 'FLOTILLA_EVENTS',
    subjects: ['flotilla.events.*'],
    storage: 'file',
    ...change,
  });
}

/** The last stored message of a subject; undefined when there is none. */
async function last(stream: string, subject: string): Promise<string | undefined> {
  const found = await streams.streams.getMessage(stream, { last_by_subj: subject }).catch(() => undefined);
  return found?.string();
}

const report = (uid: ClusterUid) => last('FLOTILLA_STATUS', statusSubject(uid));

/** Publishes and waits until the server has dealt with it. */
async function send(
  client: NatsConnection,
  ...message: Parameters<NatsConnection['publish']>
): Promise<void> {
  client.publish(...message);
  await client.flush();
}

/** The first complaint of the server about what `act` does; '' when it does not complain. */
async function complaintAbout(client: NatsConnection, act: () => void): Promise<string> {
  const complaints: string[] = [];
  const listening = (async () => {
    for await (const status of client.status()) {
      if (status.type === 'error') complaints.push(status.error.message);
    }
  })();
  act();
  // What the server says about a message comes before its answer to the ping of a later flush.
  await client.flush();
  await client.flush();
  await client.close();
  await listening;
  return complaints[0] ?? '';
}

describe('an agent on the bus', () => {
  let me: ClusterUid;
  let other: ClusterUid;
  let mine: NatsConnection;

  beforeEach(async () => {
    [me, other] = [newUid(), newUid()];
    mine = await bus.connectAgent(me);
    await send(await bus.connectAgent(other), statusSubject(other), 'the truth');
    expect(await report(other)).toBe('the truth');
  });

  it('publishes its own report and its own events, and both are stored', async () => {
    await send(mine, statusSubject(me), 'one');
    await send(mine, statusSubject(me), 'two');
    await send(mine, eventsSubject(me), 'event');
    // The stream stores without acknowledging (shared/adr/0005), so shortly after the flush.
    await expect.poll(() => report(me), { timeout: answerMs }).toBe('two');
    await expect.poll(() => last('FLOTILLA_EVENTS', eventsSubject(me)), { timeout: answerMs }).toBe('event');
  });

  it('hears the answer to a request in its own inbox', async () => {
    await makeStreams({ no_ack: false });
    const ack = await mine.request(statusSubject(me), 'one', { timeout: answerMs });
    expect(ack.json()).toMatchObject({ stream: 'FLOTILLA_STATUS' });
    await makeStreams({ no_ack: true });
  });

  it.each([
    ['another report', (uid: ClusterUid) => statusSubject(uid)],
    ['other events', (uid: ClusterUid) => eventsSubject(uid)],
    ['a decision', () => 'flotilla.decisions.control'],
    ['what hub processes say to each other', () => 'flotilla.hub.presence'],
    ['an inbox', (uid: ClusterUid) => `${inboxPrefix(uid)}.1`],
    ['below its own subject', () => `${statusSubject(me)}.more`],
    ['the API of JetStream: purge', () => '$JS.API.STREAM.PURGE.FLOTILLA_STATUS'],
    ['the API of JetStream: info', () => '$JS.API.INFO'],
    ['the API of JetStream: read', () => '$JS.API.STREAM.MSG.GET.FLOTILLA_STATUS'],
    ['a key-value bucket', () => '$KV.flotilla-clusters.x'],
    ['the system', () => '$SYS.REQ.CLAIMS.UPDATE'],
  ])('may not publish %s', async (_, subjectOf) => {
    const subject = subjectOf(other);
    const complaint = await complaintAbout(mine, () => mine.publish(subject, 'forged'));
    expect(complaint).toContain(`Permissions Violation for Publish to "${subject}"`);
    expect(await report(other)).toBe('the truth');
  });

  it.each([
    ['everything', () => '>'],
    ['all reports', () => 'flotilla.status.>'],
    ['another report', (uid: ClusterUid) => statusSubject(uid)],
    ['its own report', () => statusSubject(me)],
    ['the inboxes of others', (uid: ClusterUid) => `${inboxPrefix(uid)}.>`],
    ['default inboxes', () => '_INBOX.>'],
    ['JetStream', () => '$JS.>'],
    ['the system', () => '$SYS.>'],
    ['the hub', () => 'flotilla.hub.>'],
  ])('may not subscribe %s', async (_, subjectOf) => {
    const subject = subjectOf(other);
    const complaint = await complaintAbout(mine, () => mine.subscribe(subject, { callback: () => {} }));
    expect(complaint).toContain(`Permissions Violation for Subscription to "${subject}"`);
  });

  it('does not reach account HUB, where decisions are', async () => {
    const hub = await bus.connectHub('HUB');
    const heard: string[] = [];
    hub.subscribe('>', { callback: (_, message) => void heard.push(message.subject) });
    await hub.flush();
    await send(mine, statusSubject(me), 'one');
    await hub.flush();
    expect(heard).toEqual([]);
  });

  it('may not publish more than a report is long', async () => {
    expect(mine.info?.max_payload).toBe(limits.agentMessageBytesMax);
    await send(mine, statusSubject(me), new Uint8Array(limits.statusDocumentBytesMax));
    const raw = await bus.connectAgent(me);
    const closed = raw.closed();
    // The library checks the size before it sends; the protocol does not.
    const { publish } = Object(raw).protocol;
    Object(raw).protocol.info.max_payload = 10 * limits.agentMessageBytesMax;
    publish.call(Object(raw).protocol, statusSubject(me), new Uint8Array(limits.agentMessageBytesMax + 1));
    expect(String(await closed)).toMatch(/Maximum Payload/i);
  });

  it('may not keep subscriptions without end', async () => {
    for (let count = 0; count < 16; count += 1)
      mine.subscribe(`${inboxPrefix(me)}.${count}`, { callback: () => {} });
    const complaint = await complaintAbout(mine, () =>
      mine.subscribe(`${inboxPrefix(me)}.17`, { callback: () => {} }),
    );
    expect(complaint).toMatch(/maximum subscriptions/i);
  });

  describe('with poisoned headers', () => {
    const target = () => statusSubject(other);
    it.each([
      ['a rollup of all', () => ({ 'Nats-Rollup': 'all' })],
      ['a rollup of the subject', () => ({ 'Nats-Rollup': 'sub' })],
      ['a time to live', () => ({ 'Nats-TTL': '1s' })],
      [
        'a schedule',
        () => ({ 'Nats-Schedule': '@at 2000-01-01T00:00:00Z', 'Nats-Schedule-Target': target() }),
      ],
      ['a batch', () => ({ 'Nats-Batch-Id': 'b', 'Nats-Batch-Sequence': '1', 'Nats-Batch-Commit': '1' })],
      ['a counter', () => ({ 'Nats-Incr': '+1' })],
      ['a message id', () => ({ 'Nats-Msg-Id': 'the id of the other' })],
      ['a purge marker', () => ({ 'Nats-Marker-Reason': 'Purge', 'KV-Operation': 'PURGE' })],
      ['a trace to a foreign subject', () => ({ 'Nats-Trace-Dest': target() })],
    ])('changes nothing of others: %s', async (_, fields) => {
      const poisoned = headers();
      for (const [name, value] of Object.entries(fields())) poisoned.set(name, String(value));
      await send(mine, statusSubject(me), 'poison', { headers: poisoned });
      expect(await report(other)).toBe('the truth');

      await send(mine, statusSubject(me), 'an honest report');
      await expect.poll(() => report(me), { timeout: answerMs }).toBe('an honest report');
    });
  });

  describe('that aims the answer at somebody else', () => {
    it.each([
      ['the report of another', () => statusSubject(other)],
      ['the purge of the stream', () => '$JS.API.STREAM.PURGE.FLOTILLA_STATUS'],
      ['the removal of the stream', () => '$JS.API.STREAM.DELETE.FLOTILLA_STATUS'],
    ])('changes nothing: %s', async (_, reply) => {
      await send(mine, statusSubject(me), '{}', { reply: reply() });
      await send(mine, eventsSubject(me), '{}', { reply: reply() });
      await fleet.flush();
      expect(await report(other)).toBe('the truth');
    });

    it('would overwrite that report if the streams acknowledged (shared/adr/0005)', async () => {
      await makeStreams({ no_ack: false });
      await send(mine, statusSubject(me), 'x', { reply: statusSubject(other) });
      await expect.poll(() => report(other)).toContain('"seq"');
      await makeStreams({ no_ack: true });
    });
  });
});
