import { Buffer } from 'node:buffer';
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** One usable line of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
interface PinnedKey {
  readonly isRevoked: boolean;
  /** As written: names and patterns with commas, or one hash. */
  readonly hosts: string;
  readonly type: string;
  readonly key: Buffer;
}

/** What known hosts say of the key that a server shows. */
export type HostKeyVerdict =
  | { readonly kind: 'pinned' }
  /** No line is for this host. */
  | { readonly kind: 'unknown'; readonly shown: string }
  /** Lines are for this host, and none has this key. */
  | { readonly kind: 'changed'; readonly shown: string; readonly pinned: readonly string[] }
  | { readonly kind: 'revoked'; readonly shown: string };

/** Keys that servers must show. */
export interface KnownHosts {
  /** Key types pinned for a host, in the order of the file: what to ask the server for first. */
  typesFor(host: string, port: number): readonly string[];
  judge(host: string, port: number, key: Buffer): HostKeyVerdict;
}

/**
 * Reads the text of a known_hosts file: plain names, patterns with `*`, `?` and `!`, `[host]:port`, hashed names and
 * `@revoked`. Lines that cannot be used, `@cert-authority` among them, pin nothing: then the host is unknown and refused.
 */
export function parseKnownHosts(text: string): KnownHosts {
  const lines = text.split(/\r?\n/).flatMap((line) => pinnedKeyOf(line) ?? []);
  const linesFor = (host: string, port: number) => lines.filter(({ hosts }) => matches(hosts, host, port));
  return {
    typesFor: (host, port) =>
      linesFor(host, port)
        .filter(({ isRevoked }) => !isRevoked)
        .map(({ type }) => type),
    judge(host, port, key) {
      const own = linesFor(host, port);
      const same = own.filter((line) => line.key.equals(key));
      const shown = describeHostKey(key);
      if (same.some(({ isRevoked }) => isRevoked)) return { kind: 'revoked', shown };
      if (same.length > 0) return { kind: 'pinned' };
      const pinned = own.filter(({ isRevoked }) => !isRevoked).map((line) => describeHostKey(line.key));
      return pinned.length === 0 ? { kind: 'unknown', shown } : { kind: 'changed', shown, pinned };
    },
  };
}

/** `ssh-ed25519 SHA256:…`, as OpenSSH shows a key. */
export function describeHostKey(key: Buffer): string {
  const fingerprint = createHash('sha256').update(key).digest('base64').replace(/=+$/, '');
  return `${keyTypeOf(key) ?? 'unreadable key'} SHA256:${fingerprint}`;
}

/** A line that pins the key that a server shows, for messages. */
export function knownHostsLine(host: string, port: number, key: Buffer): string {
  return `${nameOf(host, port)} ${keyTypeOf(key) ?? ''} ${key.toString('base64')}`;
}

function pinnedKeyOf(line: string): PinnedKey | undefined {
  const words = line.trim().split(/[ \t]+/);
  const marker = words[0]?.startsWith('@') === true ? words.shift() : undefined;
  const [hosts = '', type = '', encoded = ''] = words;
  if (hosts === '' || hosts.startsWith('#')) return undefined;
  if (marker !== undefined && marker !== '@revoked') return undefined;
  const key = Buffer.from(encoded, 'base64');
  // A line whose type is not that of its key was put together by hand, and wrongly.
  if (keyTypeOf(key) !== type) return undefined;
  return { isRevoked: marker !== undefined, hosts, type, key };
}

/** The first string of a public key (RFC 4253, 6.6): its type. */
function keyTypeOf(key: Buffer): string | undefined {
  const length = key.length >= 4 ? key.readUInt32BE(0) : 0;
  if (length === 0 || length > 64 || key.length < 4 + length) return undefined;
  const type = key.toString('latin1', 4, 4 + length);
  return /^[a-z0-9@.-]+$/.test(type) ? type : undefined;
}

function nameOf(host: string, port: number): string {
  return port === 22 ? host : `[${host}]:${port}`;
}

function matches(hosts: string, host: string, port: number): boolean {
  const name = nameOf(host, port);
  if (hosts.startsWith('|1|')) return isHashOf(hosts, name);
  let isMatch = false;
  for (const pattern of hosts.toLowerCase().split(',')) {
    const isNegated = pattern.startsWith('!');
    if (!matchesPattern(isNegated ? pattern.slice(1) : pattern, name)) continue;
    if (isNegated) return false;
    isMatch = true;
  }
  return isMatch;
}

/** `|1|salt|hash`, both base64: HMAC-SHA1 of the name under the salt. */
function isHashOf(hosts: string, name: string): boolean {
  const [, , salt = '', hash = ''] = hosts.split('|');
  const wanted = Buffer.from(hash, 'base64');
  const made = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
  return made.length === wanted.length && timingSafeEqual(made, wanted);
}

/** `*` and `?` as a shell has them, in time that grows with the product of both lengths and no faster. */
function matchesPattern(pattern: string, name: string): boolean {
  let reached = new Set([0]);
  for (const character of pattern) {
    const next = new Set<number>();
    for (const at of reached) {
      if (character === '*') for (let end = at; end <= name.length; end += 1) next.add(end);
      else if (at < name.length && (character === '?' || character === name[at])) next.add(at + 1);
    }
    reached = next;
  }
  return reached.has(name.length);
}
