import { FlotillaError, seededRandom } from '@flotilla/shared/base';
import { silentLogger } from '@flotilla/shared/kit';
import { manualClock } from '@flotilla/shared/kit/manual-clock';
import { BusError } from '@flotilla/shared/kit/nats';
import { expect, it } from 'vitest';
import { untilAnswered } from './until-answered.ts';

const never = new AbortController().signal;

/** What came of asking a bus that fails with these, one after the other, before it answers. */
function asking(failures: readonly Error[], signal = never) {
  const left = [...failures];
  const clock = manualClock();
  let asked = 0;
  const ask = async () => {
    asked += 1;
    const failure = left.shift();
    if (failure !== undefined) throw failure;
    return 'an answer';
  };
  const deps = { clock, random: seededRandom(1), log: silentLogger };
  const outcome = untilAnswered(deps, { what: 'its streams', ask }, signal);
  return { clock, outcome, asked: () => asked };
}

it('asks again, with pauses, while servers come and go', async () => {
  const { asked, clock, outcome } = asking([
    new BusError('BUS_OUTCOME_UNKNOWN', 'make stream X: timeout'),
    new BusError('BUS_AWAY', 'the bus is away'),
    new FlotillaError('make stream X', { code: 'JETSTREAM_AWAY', retry: 'backoff' }),
  ]);
  await clock.advance(0);
  expect(asked()).toBe(1);
  await clock.advance(10_000);
  await expect(outcome).resolves.toBe('an answer');
  expect(asked()).toBe(4);
});

it('gives up at once what asking again does not change', async () => {
  const mismatch = new FlotillaError('stream X exists with other settings', {
    code: 'STREAM_MISMATCH',
    retry: 'never',
  });
  const { asked, outcome } = asking([mismatch]);
  await expect(outcome).rejects.toBe(mismatch);
  expect(asked()).toBe(1);
});

it('ends with the hub that waits', async () => {
  const stopping = new AbortController();
  const { clock, outcome } = asking(
    Array.from({ length: 99 }, () => new BusError('BUS_AWAY', 'the bus is away')),
    stopping.signal,
  );
  const ended = expect(outcome).rejects.toMatchObject({ name: 'AbortError' });
  await clock.advance(1_000);
  stopping.abort();
  await ended;
});
