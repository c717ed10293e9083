import { manualClock } from '@flotilla/shared/kit/manual-clock';
import { onTestFinished } from 'vitest';
import type { FakeHubApi } from '../../../../../test/fakes/hub-api/index.ts';
import { ChangeLog } from './change-log.ts';
import type { Interest } from './frames.ts';
import { serveReader } from './reader.ts';
import { startTicker } from './ticker.ts';

interface Heard {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: { readonly [key: string]: unknown };
}

/** All clusters, nothing else. */
export const clustersOnly: Interest = { kinds: new Set(['clusters']), facts: false, labels: [], fields: [] };

/** A fleet with one reader, whose connection can be held up. */
export function reading(
  api: FakeHubApi,
  given: { since?: string; interest?: Interest; changesMax?: number } = {},
) {
  const clock = manualClock();
  const log = new ChangeLog('p', given.changesMax);
  const ticker = startTicker({ clock, log, changes: api.changes });
  const heard: Heard[] = [];
  const closing = new AbortController();
  let lagged = 0;
  let release: (() => void) | undefined;
  let isHeld = false;
  const sink = {
    async write(text: string) {
      heard.push(parse(text));
      if (isHeld) await new Promise<void>((resolve) => (release = resolve));
    },
  };
  const deps = { api, clock, log, ticker, onLag: () => (lagged += 1) };
  const serve = (since: string | undefined) =>
    serveReader(deps, { interest: given.interest ?? clustersOnly, since, sink }, closing.signal).catch(
      () => undefined,
    );
  onTestFinished(() => {
    closing.abort();
    release?.();
    ticker[Symbol.dispose]();
  });
  return {
    clock,
    log,
    heard,
    start: (since?: string) => void serve(since),
    hold: () => (isHeld = true),
    letGo: () => {
      isHeld = false;
      release?.();
    },
    lagged: () => lagged,
    take: () => heard.splice(0),
  };
}

function parse(text: string): Heard {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1];
  return { event: field('event') ?? 'comment', id: field('id'), data: JSON.parse(field('data') ?? '{}') };
}

/** Names of items. */
export function names(items: unknown): readonly string[] {
  return (items as readonly { metadata: { name: string } }[]).map(({ metadata }) => metadata.name);
}
