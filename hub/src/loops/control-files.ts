import type { GitId } from '@flotilla/shared/base';
import { errorCode, FlotillaError } from '@flotilla/shared/base';
import type { ControlAdopted } from '@flotilla/shared/model';
import {
  type ControlInForce,
  controlPaths,
  linkedFiles,
  type ParsedFile,
  parseControlBytes,
  type SeenFile,
} from '../core/index.ts';
import type { GitPort, GitRemote } from '../ports.ts';

/** The commit's tree cannot be listed. */
export class ControlTreeError extends FlotillaError {
  override readonly name = 'ControlTreeError';
}

const parsedFilesMax = 20_000;

/** A file at a blob, and whether its path was in force when it was parsed. */
interface HeldFile extends SeenFile {
  readonly isOurs: boolean;
}

/**
 * Reads the flotilla.dev files of commits. What was parsed once is kept by path and blob, so a commit that changes one
 * file parses one file.
 */
export class ControlFiles {
  readonly #git: GitPort;
  readonly #remote: GitRemote;
  readonly #parsed = new Map<string, HeldFile>();
  /** What was read last and was all there, by path: most of the next is the same. */
  #last: ReadonlyMap<string, HeldFile> = new Map();

  constructor(git: GitPort, remote: GitRemote) {
    this.#git = git;
    this.#remote = remote;
  }

  /** Every candidate file of a commit, parsed. `ours` = paths that are in force: what does not parse there is a mistake. */
  async readCommit(
    commit: GitId,
    ours: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, SeenFile>> {
    const root = await this.#git.listTree(this.#remote, commit, '', signal);
    if (!root.ok) throw new ControlTreeError(root.error.text, { code: root.error.code, retry: 'backoff' });
    const entries = new Map(root.value.entries.map((entry) => [entry.path, entry]));
    const files = new Map(
      root.value.entries.filter((entry) => entry.kind === 'file').map((one) => [one.path, one.id]),
    );
    const ignore = await this.#text(commit, files.get('.flotillaignore'), signal);
    const blobs = new Map<string, GitId>();
    for (const path of controlPaths(files.keys(), ignore)) {
      const blob = files.get(path);
      if (blob !== undefined) blobs.set(path, blob);
    }
    const read = await this.#read(commit, { blobs, ours }, signal);
    return new Map([...read, ...linkedFiles(entries, ours)]);
  }

  /** The files that an adoption put in force, parsed again from the blobs it names; while they are the same, the same map. */
  async readInForce(adopted: ControlAdopted, signal: AbortSignal): Promise<ControlInForce> {
    // The log holds what was adopted: paths and blob ids that passed the parser then.
    const blobs = new Map(Object.entries(adopted.files) as [string, GitId][]);
    const files = await this.#read(adopted.commit.id, { blobs, ours: new Set(blobs.keys()) }, signal);
    return { adopted, files };
  }

  async #read(
    commit: GitId,
    wanted: { readonly blobs: ReadonlyMap<string, GitId>; readonly ours: ReadonlySet<string> },
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, SeenFile>> {
    const { blobs, ours } = wanted;
    const isLast = ([path, blob]: readonly [string, GitId]) => this.#isLast(path, blob, ours.has(path));
    if (blobs.size === this.#last.size && [...blobs].every(isLast)) return this.#last;
    const missing = [...blobs].filter(([path, blob]) => this.#held(path, blob, ours.has(path)) === undefined);
    const contents = await this.#contents(
      commit,
      missing.map(([, blob]) => blob),
      signal,
    );
    const files = new Map<string, HeldFile>();
    for (const [path, blob] of blobs) {
      const isOurs = ours.has(path);
      const held = this.#held(path, blob, isOurs);
      const file = held ?? { blob, isOurs, parsed: parseBytes(path, contents.get(blob), isOurs) };
      if (held === undefined && contents.has(blob)) this.#keep(keyOf(path, blob, isOurs), file);
      files.set(path, file);
    }
    if (missing.every(([, blob]) => contents.has(blob))) this.#last = files;
    return files;
  }

  /** What a file was parsed to; undefined = it was not, or that is forgotten. */
  #held(path: string, blob: GitId, isOurs: boolean): HeldFile | undefined {
    if (this.#isLast(path, blob, isOurs)) return this.#last.get(path);
    const key = keyOf(path, blob, isOurs);
    const held = this.#parsed.get(key);
    if (held !== undefined) this.#keep(key, held);
    return held;
  }

  #isLast(path: string, blob: GitId, isOurs: boolean): boolean {
    const last = this.#last.get(path);
    return last?.blob === blob && last.isOurs === isOurs;
  }

  /** Contents of blobs; one that the server no longer has (a rewritten history was cleaned up) is left out. */
  async #contents(
    commit: GitId,
    blobs: readonly GitId[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<GitId, Uint8Array>> {
    try {
      return await this.#git.readBlobs(this.#remote, commit, blobs, signal);
    } catch (error) {
      if (errorCode(error) !== 'GIT_REFUSED' || blobs.length === 0) throw error;
      if (blobs.length === 1) return new Map();
    }
    const found = new Map<GitId, Uint8Array>();
    for (const blob of blobs) {
      for (const [id, bytes] of await this.#contents(commit, [blob], signal)) found.set(id, bytes);
    }
    return found;
  }

  async #text(commit: GitId, blob: GitId | undefined, signal: AbortSignal): Promise<string | undefined> {
    if (blob === undefined) return undefined;
    const contents = await this.#git.readBlobs(this.#remote, commit, [blob], signal);
    return new TextDecoder().decode(contents.get(blob));
  }

  #keep(key: string, file: HeldFile): void {
    this.#parsed.delete(key);
    this.#parsed.set(key, file);
    const oldest = this.#parsed.keys().next();
    if (this.#parsed.size > parsedFilesMax && !oldest.done) this.#parsed.delete(oldest.value);
  }
}

/** What a path's blob parses to also depends on whether the path is in force. */
function keyOf(path: string, blob: GitId, isOurs: boolean): string {
  return `${isOurs ? '+' : '-'}${blob} ${path}`;
}

function parseBytes(path: string, bytes: Uint8Array | undefined, wasOurs: boolean): ParsedFile {
  return bytes === undefined ? gone(path) : parseControlBytes(path, bytes, wasOurs);
}

/** A file in force whose content the server no longer has: what it said is not known, so nothing follows from it. */
function gone(path: string): ParsedFile {
  const text = 'its last good state is no longer on the Git server, and no newer state parses';
  const error = { file: path, line: 1, column: 1, code: 'SOURCE_UNAVAILABLE', text } as const;
  return { path, isOurs: true, documents: [], errors: [error] };
}
