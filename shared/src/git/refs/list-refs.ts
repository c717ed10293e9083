import { GitError } from '../git-error.ts';
import { type Advertisement, offersFilter, parseLsRefsLine } from '../wire/advertisement.ts';
import { packetText } from '../wire/pkt-line.ts';
import type { Remote } from '../wire/remote.ts';
import { encodeLsRefs } from '../wire/upload-request.ts';
import type { Ref, RefList, ServerCapabilities } from './ref.ts';

/** Which refs are asked for. */
export interface ListRefsRequest {
  /** Full names or their beginnings, as `refs/heads/main` or `refs/tags/`; absent: everything. */
  readonly prefixes?: readonly string[];
}

/**
 * Asks the server for its refs. Tags come with what they point to, HEAD with its target.
 * An empty list means that the repository has refs, but none that match: a repository without any ref is
 * GIT_EMPTY_REPOSITORY, and an empty answer GIT_EMPTY_ADVERTISEMENT.
 */
export async function listRefs(
  remote: Remote,
  request: ListRefsRequest,
  signal: AbortSignal,
): Promise<RefList> {
  const advertisement = await remote.wire.advertisement(signal);
  const prefixes = request.prefixes ?? [];
  const refs =
    advertisement.protocol === 'v0'
      ? advertisement.refs.filter(({ name }) => matches(name, prefixes))
      : await remote.wire.forgetOnFailure(askForRefs(remote, advertisement, prefixes, signal));
  if (refs.length > remote.wire.limits.refsMax) throw tooMany(remote);
  const sorted = refs.toSorted((left, right) => (left.name < right.name ? -1 : 1));
  return { refs: sorted, capabilities: capabilitiesOf(advertisement) };
}

type V2Advertisement = Extract<Advertisement, { protocol: 'v2' }>;

/** When nothing matches, a second question tells a missing ref from a repository that has none at all. */
async function askForRefs(
  remote: Remote,
  advertisement: V2Advertisement,
  prefixes: readonly string[],
  signal: AbortSignal,
): Promise<readonly Ref[]> {
  const body = encodeLsRefs(prefixes, advertisement.objectFormat);
  const found = await lsRefs(
    remote,
    advertisement,
    { prefixes, body, refsMax: remote.wire.limits.refsMax },
    signal,
  );
  if (found.length > 0) return found;
  if (prefixes.length > 0) {
    const everything = encodeLsRefs([], advertisement.objectFormat);
    const any = await lsRefs(remote, advertisement, { prefixes: [], body: everything, refsMax: 0 }, signal);
    if (any.length > 0) return [];
  }
  throw new GitError('GIT_EMPTY_REPOSITORY', `${remote.url} has no refs`);
}

/** Runs one `ls-refs`; stops reading at `refsMax` + 1 refs. */
async function lsRefs(
  remote: Remote,
  advertisement: V2Advertisement,
  question: { readonly prefixes: readonly string[]; readonly body: Buffer; readonly refsMax: number },
  signal: AbortSignal,
): Promise<readonly Ref[]> {
  if (!advertisement.commands.has('ls-refs')) {
    throw new GitError('GIT_PROTOCOL_UNSUPPORTED', `the server of ${remote.url} does not offer ls-refs`);
  }
  const refs: Ref[] = [];
  let isComplete = false;
  for await (const packet of remote.wire.uploadPack('v2', question.body, signal)) {
    const line = packetText(packet);
    // Read on after the flush: a body read to its end gives its connection back.
    if (line === undefined) isComplete = packet.kind === 'flush';
    if (line === undefined) continue;
    const ref = parseLsRefsLine(line);
    if (!ref.ok) throw new GitError(ref.error.code, `${remote.url}: ${ref.error.text}`);
    // A prefix is a hint to the server, which may send more (gitprotocol-v2, ls-refs).
    if (ref.value !== undefined && matches(ref.value.name, question.prefixes)) refs.push(ref.value);
    if (refs.length > question.refsMax) return refs;
  }
  if (!isComplete) throw new GitError('GIT_TRUNCATED_ANSWER', `the ref list of ${remote.url} ends early`);
  return refs;
}

function matches(name: string, prefixes: readonly string[]): boolean {
  return prefixes.length === 0 || prefixes.some((prefix) => name.startsWith(prefix));
}

function tooMany(remote: Remote): GitError {
  return new GitError('GIT_TOO_LARGE', `${remote.url} has more than ${remote.wire.limits.refsMax} refs`);
}

function capabilitiesOf(advertisement: Advertisement): ServerCapabilities {
  const { protocol, objectFormat, agent } = advertisement;
  const filter = offersFilter(advertisement);
  return { protocol, objectFormat, filter, ...(agent === undefined ? {} : { agent }) };
}
