import { type Ack, RefusalCode, RejectionCode } from '@flotilla/proto/assignment';
import type { AgentStep } from './agent-script.ts';
import { welcome } from './frames.ts';

/** A stream that the hub has accepted. */
export const begin: readonly AgentStep[] = [{ hear: 'hello' }, { say: welcome() }];

/** An Ack with exactly these entries: `+name@seq` accepted, `CODE name@seq` rejected. */
export function hearAck(nonce: bigint, entries: readonly string[], text?: RegExp): AgentStep {
  return {
    hear: 'ack',
    that(value) {
      if (value.nonce !== nonce) return `nonce ${nonce}, but it was ${value.nonce}`;
      if (entriesOf(value).join() !== [...entries].sort().join())
        return `${entries.join()}, but: ${entriesOf(value).join()}`;
      const texts = value.rejected.map((row) => row.text).join(' | ');
      return text === undefined || text.test(texts) ? undefined : `a text like ${text}, but: ${texts}`;
    },
  };
}

function entriesOf(ack: Ack): readonly string[] {
  const names = Object.entries(RejectionCode);
  return [
    ...ack.accepted.map((row) => `+${row.placement}@${row.version?.seq}`),
    ...ack.rejected.map((row) => {
      const code = names.find(([, value]) => value === row.code)?.[0];
      return `${code} ${row.placement}@${row.version?.seq}`;
    }),
  ].sort();
}

/** The hub refuses the stream. */
export function refused(code: keyof typeof RefusalCode, retryAfterMs = 0): AgentStep {
  return {
    say: { frame: { $case: 'refused', value: { code: RefusalCode[code], text: 'because', retryAfterMs } } },
  };
}

/** The hub cannot speak yet. */
export function notReady(retryAfterMs: number): AgentStep {
  return { say: { frame: { $case: 'notReady', value: { retryAfterMs, reason: 'loading' } } } };
}

/** The hub asks the agent to come back later. */
export function drain(reconnectAfterMs: number): AgentStep {
  return { say: { frame: { $case: 'drain', value: { reconnectAfterMs, reason: 'age' } } } };
}

/** The Hello of the next stream. */
export function helloAs(incarnation: bigint, session: bigint): AgentStep {
  return {
    hear: 'hello',
    that: (value) =>
      value.incarnation === incarnation && value.session === session
        ? undefined
        : `${incarnation}.${session}, but it was ${value.incarnation}.${value.session}`,
  };
}
