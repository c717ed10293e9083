import { err, ok, type Result } from '../base/index.ts';

/** A repository reached over SSH, whichever way its URL is written. */
export interface SshUrl {
  /** User to log in as; `git` when the URL names none, as every hosting service wants it. */
  readonly user: string;
  /** Lower case, without brackets around an IPv6 address. */
  readonly host: string;
  readonly port: number;
  /** As the server's shell gets it: `/srv/shop.git`, or `team/shop.git` from the user's home. */
  readonly path: string;
}

const sshPort = 22;
/** What an scp-like address must not be taken for: `https://…`, `C:\…`. */
const scpForm = /^(?:([^/:@\s]+)@)?(\[[0-9a-fA-F:.]+\]|[^/:@\s[\]]+):(?!\/\/)(.+)$/s;
const userPattern = /^[A-Za-z0-9_][A-Za-z0-9_.+-]{0,100}$/;
const hostPattern = /^(?:[a-z0-9]([a-z0-9._-]{0,251}[a-z0-9])?|[0-9a-f:.]*:[0-9a-f:.]*)$/;

/** True for what is meant as an SSH URL: `ssh://…`, or the scp form `user@host:path`. */
export function isSshUrl(text: string): boolean {
  return /^ssh:\/\//i.test(text) || scpForm.exec(text)?.[1] !== undefined;
}

/**
 * Reads `ssh://[user@]host[:port]/path` and `user@host:path` as git does (git-clone, Git URLs); `~user` at the start of a path
 * is left to the server. The error is a clause that follows the URL, and never repeats it: it may hold a password.
 */
export function parseSshUrl(text: string): Result<SshUrl, string> {
  const parts = /^ssh:\/\//i.test(text) ? partsOfUrl(text) : partsOfScp(text);
  if (!parts.ok) return parts;
  const { user, host, port, path } = parts.value;
  if (!userPattern.test(user)) return err('names a user with characters that no user name has');
  if (!hostPattern.test(host)) return err('names no host');
  if (port < 1 || port > 65_535) return err('names a port that is none');
  const fault = pathFault(path);
  return fault === undefined ? parts : err(fault);
}

/** One way to write it, for messages and to compare: `ssh://git@host/path`. */
export function formatSshUrl({ user, host, port, path }: SshUrl): string {
  const shownHost = host.includes(':') ? `[${host}]` : host;
  const shownPort = port === sshPort ? '' : `:${port}`;
  return `ssh://${user}@${shownHost}${shownPort}${path.startsWith('/') ? path : `/${path}`}`;
}

function partsOfUrl(text: string): Result<SshUrl, string> {
  const [, userInfo, host = '', port, path = ''] =
    /^ssh:\/\/(?:([^/@]*)@)?(\[[^\]/]*\]|[^/:@[\]]*)(?::([0-9]{0,5}))?(\/.*)$/is.exec(text) ?? [];
  if (host === '') return err('is not an SSH URL such as ssh://git@git.example.org/team/repo.git');
  if (userInfo?.includes(':') === true) return err('holds a password; over SSH a key is used');
  if (/[?#]/.test(path)) return err('has a query or fragment');
  const decoded = decode(path);
  if (decoded === undefined) return err('has a path that is not percent-encoded as it should be');
  return ok({
    user: userInfo ?? 'git',
    host: withoutBrackets(host),
    port: port === undefined || port === '' ? sshPort : Number(port),
    path: withoutEnd(decoded.replace(/^\/(?=~)/, '')),
  });
}

function partsOfScp(text: string): Result<SshUrl, string> {
  const [, user, host, path] = scpForm.exec(text) ?? [];
  if (user === undefined || host === undefined || path === undefined) {
    return err(
      'is not an SSH URL such as ssh://git@git.example.org/team/repo.git or git@git.example.org:team/repo.git',
    );
  }
  return ok({ user, host: withoutBrackets(host), port: sshPort, path: withoutEnd(path) });
}

/** The rules that keep a path from meaning another folder, an option, or more than one word. */
function pathFault(path: string): string | undefined {
  if (path === '' || path === '/') return 'names no repository';
  if (path.length > 1_024) return 'has a path longer than 1024 characters';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\u0000-\u001f\u007f]/.test(path)) return 'has a control character in its path';
  if (path.startsWith('-')) return 'has a path that begins with "-", which servers take for an option';
  if (path.split('/').includes('..')) return 'has ".." in its path';
  return undefined;
}

function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

function withoutBrackets(host: string): string {
  return host.toLowerCase().replace(/^\[(.*)\]$/, '$1');
}

function withoutEnd(path: string): string {
  return path.replace(/(?<=[^/])\/+$/, '');
}
