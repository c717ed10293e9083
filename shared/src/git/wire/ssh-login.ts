import type { Buffer } from 'node:buffer';
import { connect, type LookupFunction } from 'node:net';
import type { Client, ClientChannel, ParsedKey, ServerHostKeyAlgorithm } from 'ssh2';
import { describeError } from '../../base/index.ts';
import type { SshUrl } from '../../model/index.ts';
import { GitError } from '../git-error.ts';
import { type HostKeyVerdict, knownHostsLine, parseKnownHosts } from './known-hosts.ts';
import type { GitTimeouts } from './remote-settings.ts';
import { remoteText } from './remote-text.ts';

/**
 * The one wrapper around ssh2, loaded when an SSH URL is first used: a connection that is logged in with one key at a server
 * that showed a pinned key.
 */

/** A connection after login; every command gets a channel of its own. */
export type SshClient = Client;
/** What a command reads and writes. */
export type SshChannel = ClientChannel;

/** What a connection is made from. */
export interface SshOptions {
  readonly url: SshUrl;
  /** For messages. */
  readonly shownUrl: string;
  readonly key: SshKey;
  readonly lookup: LookupFunction;
  readonly timeouts: GitTimeouts;
}

/** A private key, and the host keys that it may be used with. */
export interface SshKey {
  /** Name of the credential, for messages. */
  readonly name: string;
  readonly privateKey: string;
  /** Text of a known_hosts file. */
  readonly knownHosts: string;
}

/** Host keys in the order in which they are asked for where no pinned type says otherwise; none that rests on SHA-1. */
const hostKeyTypes = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
] as const;

/**
 * Connects, looks at the host key, and only then logs in with the key. `onClose` is called once the connection is gone, however
 * far it came. Throws GIT_HOST_KEY, GIT_SSH_KEY, GIT_UNAUTHORIZED, GIT_UNREACHABLE, GIT_TIMEOUT, GIT_ADDRESS_REFUSED.
 */
export async function logIn(options: SshOptions, onClose: () => void): Promise<SshClient> {
  const { Client: Connection, utils } = (await import('ssh2')).default;
  const { key, lookup, shownUrl, timeouts, url } = options;
  const parsed = utils.parseKey(key.privateKey);
  if (parsed instanceof Error || !('getPublicSSH' in parsed) || !parsed.isPrivateKey()) {
    throw unreadableKey(key, parsed instanceof Error ? parsed : undefined);
  }
  const known = parseKnownHosts(key.knownHosts);
  let refusal: GitError | undefined;
  const client = new Connection();
  client.once('close', onClose);
  return await new Promise<SshClient>((resolve, reject) => {
    client.once('ready', () => resolve(client));
    // Stays on: what breaks after login shows in the channels, which end.
    client.on('error', (error) => reject(refusal ?? connectFailure(error, options, parsed)));
    client.once('close', () =>
      reject(
        refusal ??
          new GitError('GIT_UNREACHABLE', `the server of ${shownUrl} closed the connection before login`),
      ),
    );
    client.connect({
      sock: connect({ host: url.host, port: url.port, lookup, noDelay: true }),
      username: url.user,
      readyTimeout: timeouts.idleMs,
      algorithms: { serverHostKey: wantedTypes(known.typesFor(url.host, url.port)) },
      privateKey: key.privateKey,
      authHandler: ['publickey'],
      hostVerifier: (shown: Buffer) => {
        const verdict = known.judge(url.host, url.port, shown);
        refusal = hostKeyRefusal(verdict, shown, options);
        return refusal === undefined;
      },
    });
  });
}

/** Pinned types first, so that a server with several keys shows one that can be compared. */
function wantedTypes(pinned: readonly string[]): ServerHostKeyAlgorithm[] {
  const isPinned = (type: string) => pinned.includes(type.startsWith('rsa-sha2-') ? 'ssh-rsa' : type);
  return [...hostKeyTypes.filter(isPinned), ...hostKeyTypes.filter((type) => !isPinned(type))];
}

function hostKeyRefusal(
  verdict: HostKeyVerdict,
  shown: Buffer,
  { key, shownUrl, url }: SshOptions,
): GitError | undefined {
  switch (verdict.kind) {
    case 'pinned':
      return undefined;
    case 'unknown': {
      const line = knownHostsLine(url.host, url.port, shown);
      const text = `the server of ${shownUrl} shows the host key ${verdict.shown}, and known_hosts of credential ${key.name} has none for it; if that is its key, add the line: ${line}`;
      return new GitError('GIT_HOST_KEY', text);
    }
    case 'changed': {
      const text = `the server of ${shownUrl} shows the host key ${verdict.shown}, and known_hosts of credential ${key.name} pins ${verdict.pinned.join(', ')}; if the server was given a new key, put it there, else somebody stands between`;
      return new GitError('GIT_HOST_KEY', text);
    }
    case 'revoked': {
      const text = `the server of ${shownUrl} shows the host key ${verdict.shown}, which known_hosts of credential ${key.name} calls revoked`;
      return new GitError('GIT_HOST_KEY', text);
    }
  }
}

function unreadableKey(key: SshKey, cause: Error | undefined): GitError {
  const why = cause === undefined ? 'is no private key' : `cannot be read: ${remoteText(cause.message)}`;
  return new GitError('GIT_SSH_KEY', `ssh-privatekey of credential ${key.name} ${why}`);
}

/** What ssh2 says went wrong, by the layer that it names. */
function connectFailure(error: Error & { level?: string }, options: SshOptions, key: ParsedKey): GitError {
  const { shownUrl, timeouts, url } = options;
  if (error instanceof GitError) return error;
  switch (error.level) {
    case 'client-authentication': {
      const shown = `${key.type} key of credential ${options.key.name}`;
      return new GitError(
        'GIT_UNAUTHORIZED',
        `the server of ${shownUrl} refuses the ${shown} for ${url.user}`,
      );
    }
    case 'client-timeout':
      return new GitError('GIT_TIMEOUT', `${shownUrl} did not log us in within ${timeouts.idleMs / 1_000} s`);
    case 'handshake':
    case 'protocol': {
      const text = `${shownUrl} speaks no SSH that is spoken here: ${remoteText(error.message)}`;
      return new GitError('GIT_UNREACHABLE', text, error);
    }
    default:
      return new GitError('GIT_UNREACHABLE', `${shownUrl} cannot be reached: ${describeError(error)}`, error);
  }
}
