import { createHash } from 'node:crypto';
import { limits, stableJson } from '../../base/index.ts';
import { openRemote, type Remote } from './remote.ts';
import type { RemoteSettings } from './remote-settings.ts';

/** Remotes kept between uses, so that connections, what a server can do, and its refusals are not learned anew. */
export interface RemotePool extends AsyncDisposable {
  /**
   * A remote with exactly these settings: the one of an earlier use where there is one. Closing it gives it back.
   * Throws as `openRemote` does.
   */
  open(settings: RemoteSettings): Remote;
  /** Closes all remotes, those in use too. */
  close(): Promise<void>;
}

interface Kept {
  readonly remote: Remote;
  /** Callers that have it open. */
  uses: number;
}

/** An empty pool; keeps at most `remotesMax` (default `limits.gitRemotesMax`) remotes that nobody uses. */
export function remotePool(options: { readonly remotesMax?: number } = {}): RemotePool {
  const remotesMax = options.remotesMax ?? limits.gitRemotesMax;
  // Ordered by last use, oldest first.
  const kept = new Map<string, Kept>();

  async function closeIdle(): Promise<void> {
    for (const [key, { remote, uses }] of kept) {
      if (kept.size <= remotesMax) return;
      if (uses > 0) continue;
      kept.delete(key);
      await remote.close();
    }
  }
  async function close(): Promise<void> {
    const remotes = [...kept.values()].map(({ remote }) => remote);
    kept.clear();
    for (const remote of remotes) await remote.close();
  }
  return {
    open(settings) {
      const key = keyOf(settings);
      const entry = kept.get(key) ?? { remote: openRemote(settings), uses: 0 };
      kept.delete(key);
      kept.set(key, entry);
      entry.uses += 1;
      return lease(entry, closeIdle);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function lease(entry: Kept, onReturn: () => Promise<void>): Remote {
  let isOpen = true;
  async function giveBack(): Promise<void> {
    if (!isOpen) return;
    isOpen = false;
    entry.uses -= 1;
    await onReturn();
  }
  return { ...entry.remote, close: giveBack, [Symbol.asyncDispose]: giveBack };
}

/** A hash, so that no secret is kept as a key. */
function keyOf(settings: RemoteSettings): string {
  // Settings are plain data; what is undefined is left out.
  const plain = settings as unknown as Parameters<typeof stableJson>[0];
  return createHash('sha256').update(stableJson(plain)).digest('hex');
}
