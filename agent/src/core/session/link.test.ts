import type { RefusalCode } from '@flotilla/shared/model';
import { streamTimes } from '@flotilla/shared/model';
import { describe, expect, test } from 'vitest';
import { agentMachine, deltaOf, kindsOf, sentBy, welcomeOf } from '../../../../test/protocol/agent-driver.ts';
import { assignmentOf } from '../../../../test/protocol/fleet.ts';

const cart = assignmentOf({ placement: 'cart', seq: 10 });

function refused(code: RefusalCode, retryAfterMs = 0) {
  return { kind: 'refused', code, text: 'because', retryAfterMs } as const;
}

/** Waits until the next attempt. */
function delayOf(agent: ReturnType<typeof agentMachine>): number {
  return (agent.wakeAtMs ?? Number.NaN) - agent.nowMs;
}

describe('reconnecting', () => {
  test('backs off with full jitter up to a minute', () => {
    const agent = agentMachine();
    const delays: number[] = [];
    for (let attempt = 0; attempt < 40; attempt += 1) {
      agent.connect();
      agent.lose();
      delays.push(delayOf(agent));
    }

    expect(delays[0]).toBeLessThan(1_000);
    expect(Math.max(...delays)).toBeGreaterThan(30_000);
    expect(Math.max(...delays)).toBeLessThan(60_000);
    expect(new Set(delays).size).toBeGreaterThan(30);
  });

  test.each([
    ['up to what the hub named last', [8_000, undefined], 8_000],
    ['not sooner than is safe', [1], streamTimes.backoffCapMinMs],
    ['not later than without a hub', [4_000_000_000], streamTimes.backoffCapMs],
  ] as const)('backs off %s', (_, named, capMs) => {
    const agent = agentMachine();
    for (const reconnectCapMs of named) {
      agent.connect();
      agent.frame(welcomeOf({ reconnectCapMs }));
      agent.lose();
    }
    const delays: number[] = [];
    for (let attempt = 0; attempt < 60; attempt += 1) {
      agent.connect();
      agent.lose();
      delays.push(delayOf(agent));
    }

    expect(Math.max(...delays)).toBeLessThan(capMs);
    expect(Math.max(...delays)).toBeGreaterThan(capMs / 2);
  });

  test('forgets the backoff only after a stream stayed up for a minute', () => {
    const agent = agentMachine();
    for (let attempt = 0; attempt < 10; attempt += 1) {
      agent.connect();
      agent.lose();
    }
    agent.follow();
    agent.wait(streamTimes.stableUpMs - 1);
    agent.lose();
    const attemptsAfterShort = agent.state.attempt;
    agent.follow();
    agent.wait(streamTimes.stableUpMs);
    agent.lose();

    expect(attemptsAfterShort).toBe(11);
    expect(agent.state.attempt).toBe(1);
    expect(delayOf(agent)).toBeLessThan(1_000);
  });

  test('obeys the delay that the hub gives, but no nonsense', () => {
    const agent = agentMachine();
    agent.connect();
    agent.lose(7_000);
    const asked = delayOf(agent);
    agent.connect();
    agent.frame(refused('RETRY', 4_000_000_000));

    expect(asked).toBe(7_000);
    expect(delayOf(agent)).toBe(600_000);
  });

  test('ignores what a stream that is gone still says', () => {
    const agent = agentMachine();
    agent.follow();
    agent.lose();
    const waiting = agent.state;

    expect(agent.step({ kind: 'frame', session: 1, frame: welcomeOf() })).toEqual([]);
    expect(agent.step({ kind: 'link-down', session: 1, text: 'again', retryAfterMs: 0 })).toEqual([]);
    expect(agent.state).toEqual(waiting);
  });
});

describe('a refusal', () => {
  test.each(['RETRY', 'REPLACED', 'PROTOCOL'] as const)('with %s means backoff', (code) => {
    const agent = agentMachine();
    agent.connect();

    const outputs = agent.frame(refused(code));

    expect(kindsOf(outputs)).toContain('close');
    expect(delayOf(agent)).toBeLessThan(1_000);
  });

  test.each(['VERSION', 'NOT_REGISTERED', 'FENCED'] as const)(
    'with %s needs a person: the agent says so and seldom tries',
    (code) => {
      const agent = agentMachine();
      agent.connect();

      const outputs = agent.frame(refused(code));

      expect(outputs).toContainEqual(expect.objectContaining({ kind: 'raise', code: 'HubRefused' }));
      expect(delayOf(agent)).toBeGreaterThanOrEqual(30_000);
    },
  );

  test('FENCED after a Welcome makes the agent a newer incarnation', () => {
    const agent = agentMachine();
    agent.connect();
    agent.frame(welcomeOf({ incarnation: 1 }));

    agent.frame(refused('FENCED'));

    expect(agent.next()).toEqual([{ kind: 'open', incarnation: 2, session: 1 }]);
  });
});

test('a Welcome with a newer incarnation than ours makes us newer still', () => {
  const agent = agentMachine();
  agent.connect();

  const outputs = agent.frame(welcomeOf({ incarnation: 7 }));

  expect(kindsOf(outputs)).toEqual(['close']);
  expect(agent.next()).toEqual([{ kind: 'open', incarnation: 8, session: 1 }]);
});

describe('a drain', () => {
  test('without anything being stored is followed at once, and comes back when told', () => {
    const agent = agentMachine();
    agent.follow();

    expect(kindsOf(agent.frame({ kind: 'drain', reconnectAfterMs: 3_000, reason: 'age' }))).toEqual([
      'close',
    ]);
    expect(delayOf(agent)).toBe(3_000);
    expect(agent.state.attempt).toBe(0);
  });

  test('waits for the rows being stored and acknowledges them', () => {
    const agent = agentMachine();
    agent.follow();
    agent.frame(deltaOf([cart]));

    expect(agent.frame({ kind: 'drain', reconnectAfterMs: 3_000, reason: 'age' })).toEqual([]);
    const outputs = agent.stored([cart]);

    expect(sentBy(outputs)).toMatchObject([{ kind: 'ack', ack: { accepted: [{ placement: 'cart' }] } }]);
    expect(kindsOf(outputs)).toEqual(['send', 'close']);
    expect(delayOf(agent)).toBe(3_000);
  });

  test('does not wait for ever', () => {
    const agent = agentMachine();
    agent.follow();
    agent.frame(deltaOf([cart]));
    agent.frame({ kind: 'drain', reconnectAfterMs: 3_000, reason: 'age' });

    expect(kindsOf(agent.at(agent.nowMs + streamTimes.drainGraceMs))).toEqual(['close']);
  });
});
