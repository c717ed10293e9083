/** What a client wants of a repository. */
export type RequestKind = 'advertisement' | 'ls-refs' | 'fetch' | 'push' | 'other';

/** A request to one repository. */
export interface RepositoryRequest {
  /** Folder name below the root, as `shop.git`. */
  readonly repository: string;
  readonly kind: RequestKind;
  /** Ids of `want` lines, for a fetch. */
  readonly wants: readonly string[];
}

/** Tells what a request is from its method, path and body; undefined when it names no repository. */
export function readRequest(
  path: string,
  method: string,
  query: string,
  body: Buffer,
): RepositoryRequest | undefined {
  const [, repository, rest] = /^\/([^/]+(?:\/[^/]+)*?\.git)\/(.+)$/.exec(path) ?? [];
  if (repository === undefined || rest === undefined) return undefined;
  if (rest === 'info/refs') {
    const kind = query.includes('service=git-receive-pack') ? 'push' : 'advertisement';
    return { repository, kind, wants: [] };
  }
  if (rest === 'git-receive-pack') return { repository, kind: 'push', wants: [] };
  if (rest !== 'git-upload-pack' || method !== 'POST') return { repository, kind: 'other', wants: [] };
  const text = body.toString('latin1');
  if (text.includes('command=ls-refs')) return { repository, kind: 'ls-refs', wants: [] };
  const wants = [...text.matchAll(/want ([0-9a-f]{40,64})/g)].map(([, id]) => id ?? '');
  return { repository, kind: 'fetch', wants };
}
