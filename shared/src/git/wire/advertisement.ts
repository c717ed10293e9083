import { err, type GitId, ok, parseGitId, type Result } from '../../base/index.ts';
import type { GitErrorCode } from '../git-error.ts';
import type { ObjectFormat } from '../object-format.ts';
import type { Ref } from '../refs/ref.ts';
import { type Packet, packetText } from './pkt-line.ts';
import { remoteText } from './remote-text.ts';

/** What a server advertises on `info/refs`. */
export type Advertisement =
  /** Protocol v2: commands with their features (gitprotocol-v2, capability advertisement). */
  | {
      readonly protocol: 'v2';
      readonly objectFormat: ObjectFormat;
      readonly agent?: string;
      /** Features by command: `fetch` → shallow, filter, … */
      readonly commands: ReadonlyMap<string, readonly string[]>;
    }
  /** Protocol v0 (or v1): the refs themselves, with capabilities behind the first. */
  | {
      readonly protocol: 'v0';
      readonly objectFormat: ObjectFormat;
      readonly agent?: string;
      readonly capabilities: readonly string[];
      readonly refs: readonly Ref[];
    };

/** Whether `filter=` may be used in a fetch. */
export function offersFilter(advertisement: Advertisement): boolean {
  return (
    advertisement.protocol === 'v2' && (advertisement.commands.get('fetch')?.includes('filter') ?? false)
  );
}

/** A finding with the code it is raised under. */
export interface ProtocolFault {
  readonly code: GitErrorCode;
  readonly text: string;
}

/** Reads the packets of an `info/refs` answer. Pure; every way of being wrong has its own code. */
export function parseAdvertisement(packets: readonly Packet[]): Result<Advertisement, ProtocolFault> {
  const body = withoutServiceHeader(packets);
  const first = body[0];
  if (first === undefined) return fault('GIT_EMPTY_ADVERTISEMENT', 'the server sent an empty advertisement');
  const line = packetText(first);
  if (line === undefined) return fault('GIT_EMPTY_REPOSITORY', 'the repository has no refs');
  if (line.startsWith('ERR '))
    return fault('GIT_REMOTE_ERROR', `the server says: ${remoteText(line.slice(4))}`);
  if (line === 'version 2') return parseV2(body.slice(1));
  return parseV0(line === 'version 1' ? body.slice(1) : body);
}

/** The header `# service=git-upload-pack` and its flush, which v2 servers leave out. */
function withoutServiceHeader(packets: readonly Packet[]): readonly Packet[] {
  const first = packets[0];
  if (first === undefined || packetText(first)?.startsWith('# service=') !== true) return packets;
  return packets[1]?.kind === 'flush' ? packets.slice(2) : packets.slice(1);
}

function parseV2(packets: readonly Packet[]): Result<Advertisement, ProtocolFault> {
  const commands = new Map<string, readonly string[]>();
  for (const packet of packets) {
    const line = packetText(packet);
    if (line === undefined) break;
    const split = line.indexOf('=');
    const name = split < 0 ? line : line.slice(0, split);
    const value = split < 0 ? '' : line.slice(split + 1);
    commands.set(name, value === '' ? [] : value.split(' '));
  }
  if (packets.at(-1)?.kind !== 'flush') return fault('GIT_TRUNCATED_ANSWER', 'the advertisement ends early');
  const objectFormat = parseObjectFormat(commands.get('object-format')?.[0]);
  if (!objectFormat.ok) return objectFormat;
  const agent = commands.get('agent')?.[0];
  return ok({
    protocol: 'v2',
    objectFormat: objectFormat.value,
    ...(agent === undefined ? {} : { agent: remoteText(agent) }),
    commands,
  });
}

function parseV0(packets: readonly Packet[]): Result<Advertisement, ProtocolFault> {
  if (packets.at(-1)?.kind !== 'flush') return fault('GIT_TRUNCATED_ANSWER', 'the advertisement ends early');
  const lines = packets.map(packetText).filter((line) => line !== undefined);
  const head = lines[0];
  const split = head?.indexOf('\0') ?? -1;
  if (head === undefined || split < 0) return notAdvertisement(head ?? '');
  const capabilities = head
    .slice(split + 1)
    .split(' ')
    .filter((word) => word !== '');
  const objectFormat = parseObjectFormat(capabilityValue(capabilities, 'object-format'));
  if (!objectFormat.ok) return objectFormat;
  const refs = parseV0Refs([head.slice(0, split), ...lines.slice(1)], capabilities);
  if (!refs.ok) return refs;
  if (refs.value.length === 0) return fault('GIT_EMPTY_REPOSITORY', 'the repository has no refs');
  const agent = capabilityValue(capabilities, 'agent');
  return ok({
    protocol: 'v0',
    objectFormat: objectFormat.value,
    ...(agent === undefined ? {} : { agent: remoteText(agent) }),
    capabilities,
    refs: refs.value,
  });
}

/** Lines `<id> <name>`, where `<name>^{}` gives what the tag before it points to. */
function parseV0Refs(
  lines: readonly string[],
  capabilities: readonly string[],
): Result<Ref[], ProtocolFault> {
  const symrefs = new Map<string, string>();
  for (const word of capabilities) {
    const [, from, to] = /^symref=([^:]+):(.+)$/.exec(word) ?? [];
    if (from !== undefined && to !== undefined) symrefs.set(from, to);
  }
  const refs = new Map<string, Ref>();
  for (const line of lines) {
    if (line.startsWith('shallow ')) continue;
    const parsed = parseRefLine(line);
    if (parsed === undefined) return notAdvertisement(line);
    const { id, name } = parsed;
    if (name === 'capabilities^{}') continue;
    const tag = name.endsWith('^{}') ? refs.get(name.slice(0, -3)) : undefined;
    if (tag !== undefined) refs.set(tag.name, { ...tag, peeled: id });
    else refs.set(name, { name, id, ...symrefOf(symrefs.get(name)) });
  }
  return ok([...refs.values()]);
}

function symrefOf(target: string | undefined): { symrefTarget?: string } {
  return target === undefined ? {} : { symrefTarget: target };
}

/** One line of `ls-refs`: `<id> <name>[ symref-target:<ref>][ peeled:<id>]`; `unborn` refs give undefined id. */
export function parseLsRefsLine(line: string): Result<Ref | undefined, ProtocolFault> {
  if (line.startsWith('ERR '))
    return fault('GIT_REMOTE_ERROR', `the server says: ${remoteText(line.slice(4))}`);
  const [idText = '', name, ...attributes] = line.split(' ');
  if (idText === 'unborn') return ok(undefined);
  const id = parseGitId(idText);
  if (!id.ok || name === undefined || name === '') return notAdvertisement(line);
  const symrefTarget = attributeOf(attributes, 'symref-target:');
  const peeledText = attributeOf(attributes, 'peeled:');
  if (peeledText === undefined) return ok({ name, id: id.value, ...symrefOf(symrefTarget) });
  const peeled = parseGitId(peeledText);
  if (!peeled.ok) return notAdvertisement(line);
  return ok({ name, id: id.value, peeled: peeled.value, ...symrefOf(symrefTarget) });
}

function parseRefLine(line: string): { id: GitId; name: string } | undefined {
  const split = line.indexOf(' ');
  const id = parseGitId(line.slice(0, Math.max(0, split)));
  const name = line.slice(split + 1);
  return id.ok && name !== '' ? { id: id.value, name } : undefined;
}

function parseObjectFormat(text: string | undefined): Result<ObjectFormat, ProtocolFault> {
  if (text === undefined || text === 'sha1') return ok('sha1');
  if (text === 'sha256') return ok('sha256');
  return fault('GIT_PROTOCOL_UNSUPPORTED', `the repository's object format ${remoteText(text)} is not known`);
}

function attributeOf(attributes: readonly string[], prefix: string): string | undefined {
  return attributes.find((attribute) => attribute.startsWith(prefix))?.slice(prefix.length);
}

function capabilityValue(capabilities: readonly string[], name: string): string | undefined {
  return attributeOf(capabilities, `${name}=`);
}

function notAdvertisement(line: string): { readonly ok: false; readonly error: ProtocolFault } {
  return fault(
    'GIT_PROTOCOL_ERROR',
    `${JSON.stringify(remoteText(line.slice(0, 80)))} is no line of a ref list`,
  );
}

function fault(code: GitErrorCode, text: string): { readonly ok: false; readonly error: ProtocolFault } {
  return err({ code, text });
}
