import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { seededRandom } from '@flotilla/shared/base';
import { silentLogger } from '@flotilla/shared/kit';
import { expect, it, onTestFinished } from 'vitest';
import { startRecordingServer } from '../../../test/real/recording-server.ts';
import { canaryThenRest, placement } from '../core/rollout/samples-fixture.ts';
import { stableWorld } from '../core/rollout/stable-world-fixture.ts';
import { httpChecks } from '../io/check/index.ts';
import { CheckAnswers, startAsking } from './ask-checks.ts';
import { kindsIn, logOf, startHub, threeClusters } from './deciding-hub-fixture.ts';
import { startRollouts } from './rollout.ts';

/** Somebody who is asked over HTTP, and says these one after the other; the last one for ever. */
async function startAsked(replies: readonly (readonly [status: number, body: string])[]) {
  const received: { readonly authorization: string; readonly question: unknown }[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { authorization = '' } = request.headers;
    received.push({ authorization, question: JSON.parse(await text(request)) });
    const [status, body] = replies[Math.min(received.length, replies.length) - 1] ?? [500, ''];
    response.writeHead(status).end(body);
  };
  const server = await startRecordingServer((request, response) => void answer(request, response));
  onTestFinished(() => server[Symbol.asyncDispose]());
  return { received, url: server.url };
}

/** A rollout whose canary is ready and whose check asks that URL. */
async function startRollout(url: string) {
  const world = stableWorld(threeClusters);
  const strategy = canaryThenRest();
  const [canary, rest] = strategy.stages;
  const smoke = { kind: 'webhook', name: 'smoke', url, timeoutMs: 60_000, credential: 'ours' } as const;
  world.strategy = { ...strategy, stages: [{ ...canary!, checks: [smoke] }, rest!] };
  world.push('two');
  world.run();
  const log = await logOf(world);
  const { size } = log;
  const { deps, fleet } = await startHub(log, world);
  const checks = httpChecks({
    allowPlainHttpHosts: ['127.0.0.1'],
    deniedRanges: [],
    credentialOf: async (name) => ({ kind: 'token', token: 's3cret', name, url }),
  });
  const answers = new CheckAnswers();
  const common = { ...deps, random: seededRandom(1), log: silentLogger };
  const stopping = new AbortController();
  const asking = startAsking({ ...common, checks, answers, onTry: () => {} }, stopping.signal);
  const rollouts = startRollouts({ ...common, answerOf: (key) => answers.answerOf(key) }, stopping.signal);
  onTestFinished(async () => {
    stopping.abort();
    await Promise.all([asking.ended, rollouts.ended]);
  });
  fleet.setPlacement(placement, { spec: undefined, desired: world.desired, errors: [] });
  return {
    /** What was decided since, after a moment. */
    async decided() {
      await deps.clock.advance(500);
      return await kindsIn(log, size);
    },
    note: () => fleet.placementOf(placement).notes[0]?.text,
  };
}

const patience = { timeout: 30_000 };

it('a check that is not ready and then agrees lets the rollout go on, once, asked with its credential', async () => {
  const asked = await startAsked([
    [503, '{"text": "warming up"}'],
    [200, '{"pass": true, "text": "fine"}'],
  ]);
  const rollout = await startRollout(asked.url);
  await expect.poll(() => rollout.decided(), patience).toContain('wave-opened');
  expect((await rollout.decided()).filter((kind) => kind === 'check-passed')).toHaveLength(1);
  expect(asked.received).toMatchObject([
    { authorization: 'Bearer s3cret', question: { question: 'shop-2/0/0/smoke', check: 'smoke' } },
    { authorization: 'Bearer s3cret', question: { question: 'shop-2/0/0/smoke', stage: 'canary' } },
  ]);
});

it('a check that says no halts the rollout with its words', async () => {
  const asked = await startAsked([[200, '{"pass": false, "text": "3 of 5 orders failed"}']]);
  const rollout = await startRollout(asked.url);
  await expect.poll(() => rollout.decided(), patience).toEqual(['check-failed']);
  await expect
    .poll(() => rollout.note(), patience)
    .toContain('check smoke of stage canary failed: 3 of 5 orders failed');
  expect(asked.received).toHaveLength(1);
});
