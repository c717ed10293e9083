import { judgeObject, type LiveObject } from '../../core/index.ts';
import type { FeedChange } from './feed-cache.ts';

/** Whether a definition became established by a change: its kind is served from now on. */
export function isNewDefinition({ before, after }: FeedChange): boolean {
  return after?.ref.kind === 'CustomResourceDefinition' && isReady(after) && !isReady(before);
}

function isReady(live: LiveObject | undefined): boolean {
  return live !== undefined && judgeObject(live.body, true, 0).status === 'Current';
}
