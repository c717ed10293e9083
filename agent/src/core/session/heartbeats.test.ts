import { claimOf, setDigest, streamTimes } from '@flotilla/shared/model';
import { describe, expect, test } from 'vitest';
import { agentMachine, kindsOf, sentBy } from '../../../../test/protocol/agent-driver.ts';
import { assignmentOf } from '../../../../test/protocol/fleet.ts';

const cart = assignmentOf({ placement: 'cart', seq: 10 });

describe('heartbeats', () => {
  test('begin right after Welcome, so that what was reported before counts at once', () => {
    const agent = agentMachine([cart]);
    agent.follow();

    const sent = agent.step({ kind: 'tick', reportSeq: 8 });

    expect(agent.nowMs).toBe(0);
    expect(sentBy(sent)).toMatchObject([{ kind: 'heartbeat', reportSeq: 8 }]);
  });

  test('wait for the first report of an agent that has just started, ten seconds at most', () => {
    const sentUntil = (untilMs: number) => {
      const agent = agentMachine([cart]);
      agent.follow();
      const sent: unknown[] = [];
      while (agent.nowMs < untilMs) sent.push(...sentBy(agent.next()));
      return { agent, sent };
    };
    const { agent, sent } = sentUntil(3_000);
    agent.wait(streamTimes.firstReportLookMs);
    const first = sentBy(agent.step({ kind: 'tick', reportSeq: 1 }));

    expect(sent).toEqual([]);
    expect(first).toMatchObject([{ kind: 'heartbeat', reportSeq: 1 }]);
    expect(sentUntil(streamTimes.heartbeatMs).sent).toMatchObject([{ kind: 'heartbeat', reportSeq: 0 }]);
  });

  test('go out every ten seconds with digest and newest report', () => {
    const agent = agentMachine([cart]);
    agent.follow();
    agent.step({ kind: 'tick', reportSeq: 8 });

    const sent = agent.step({ kind: 'tick', reportSeq: 8 });
    const beat = sentBy(agent.next());

    expect(sentBy(sent)).toEqual([]);
    expect(agent.nowMs).toBeGreaterThanOrEqual(9_000);
    expect(agent.nowMs).toBeLessThanOrEqual(11_000);
    expect(beat).toMatchObject([{ kind: 'heartbeat', heldDigest: setDigest([claimOf(cart)]) }]);
  });

  test('that stop coming make the agent leave', () => {
    const agent = agentMachine();
    agent.follow();

    expect(kindsOf(agent.at(agent.nowMs + streamTimes.silentMs))).toContain('close');
  });

  test('that name a report which this agent has not made, though it has made others, make it begin a new incarnation', () => {
    const agent = agentMachine();
    agent.follow();
    const beat = {
      kind: 'heartbeat',
      desiredDigest: setDigest([]),
      reportSeq: 20,
      wantReport: false,
    } as const;
    agent.frame(beat);
    // It has just started, and does not know yet which numbers its last run used.
    expect(kindsOf(agent.step({ kind: 'tick', reportSeq: 0 }))).not.toContain('close');
    expect(kindsOf(agent.step({ kind: 'tick', reportSeq: 21 }))).not.toContain('close');

    expect(kindsOf(agent.step({ kind: 'tick', reportSeq: 2 }))).toContain('close');
    expect(agent.next()).toContainEqual({ kind: 'open', incarnation: 2, session: 1 });
  });

  test('pass on that a report is wanted', () => {
    const agent = agentMachine();
    agent.follow();

    const outputs = agent.frame({
      kind: 'heartbeat',
      desiredDigest: setDigest([]),
      reportSeq: 0,
      wantReport: true,
    });

    expect(kindsOf(outputs)).toEqual(['want-report']);
  });
});
