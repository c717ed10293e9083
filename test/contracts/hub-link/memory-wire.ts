import { HubLinkError } from '@flotilla/agent/io/hub-link';
import type { AgentIdentity } from '@flotilla/agent/ports';
import type { AgentStream } from '@flotilla/hub/ports';
import { MemoryAgentListener, MemoryAgentStream } from '../../fakes/agent-listener.ts';
import { failure, type MemoryHubStream, MemoryLink } from '../../fakes/hub-link.ts';
import { uid } from '../status-stream/suite.ts';
import type { Wire } from './wire.ts';

/** Frames that lie between the two ends until somebody reads them, as in a transport's buffers. */
const bufferedMax = 20;

/** The fakes of both ends, joined. */
export async function memoryWire(): Promise<Wire> {
  const link = new MemoryLink();
  const listener = new MemoryAgentListener();
  const agents: MemoryHubStream[] = [];
  const accepted = listener.streams[Symbol.asyncIterator]();
  const own = uid(1);

  link.onOpen = (agent) => {
    if (link.failure !== undefined) return;
    const hub = new MemoryAgentStream(own);
    agent.join(hub);
    hub.join(agent);
    for (const end of [agent, hub]) fillUp(end);
    agents.push(agent);
    listener.connect(hub);
  };
  link.onRenew = ({ natsUserKey }) => {
    if (natsUserKey === 'refuse') {
      const details = { code: 'KEY_REVOKED', retry: 'never', retryAfterMs: 7_000 } as const;
      throw new HubLinkError('the key was replaced', details);
    }
    const identity: Partial<AgentIdentity> = {
      clusterUid: own,
      certificateChainPem: '-----BEGIN CERTIFICATE-----',
      natsUserJwt: `jwt of ${own} for ${natsUserKey}`,
      natsUrls: ['tls://bus:4222'],
    };
    // The rest of an identity is of no concern to a renewal.
    return identity as AgentIdentity;
  };

  return {
    uid: own,
    link,
    accept: () => nextOf(accepted),
    async setUp(isUp) {
      link.failure = isUp ? undefined : failure('UNAVAILABLE');
      if (!isUp) for (const agent of agents.splice(0)) agent.break();
    },
    async fallSilent() {
      link.silence = new Promise(() => {});
    },
    async sendRubbish() {
      const hub = new MemoryAgentStream(own);
      hub.hearRubbish();
      listener.connect(hub);
    },
    closeListener: async () => listener.close(),
    [Symbol.asyncDispose]: async () => {},
  };
}

/** From so many unread frames on the end takes no more. */
function fillUp(end: { blocked: Promise<void> | undefined; readonly sent: readonly unknown[] }): void {
  const full = new Promise<void>(() => {});
  Object.defineProperty(end, 'blocked', { get: () => (end.sent.length < bufferedMax ? undefined : full) });
}

/** The next stream; rejects when the listener is closed. */
export async function nextOf(streams: AsyncIterator<AgentStream>): Promise<AgentStream> {
  const next = await streams.next();
  if (next.done === true) throw new Error('no more streams');
  return next.value;
}
