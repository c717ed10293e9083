import { isIP } from 'node:net';
import { formatSshUrl, isSshUrl, parseSshUrl, type SshUrl } from '../../model/index.ts';
import { GitError } from '../git-error.ts';

/** Hosts that plain http may be listed for: names and addresses of this machine. */
const loopbackHost = /^(localhost|127(\.[0-9]{1,3}){3}|::1)$/;

/** A repository's URL that passed the rules; safe to show. */
export type RemoteUrl = HttpUrl | SshRemoteUrl;

/** Over SSH. */
export interface SshRemoteUrl {
  readonly protocol: 'ssh:';
  readonly ssh: SshUrl;
  readonly hostname: string;
  readonly shown: string;
}

/** Over https, or plain http on this machine. */
export interface HttpUrl {
  readonly origin: string;
  readonly protocol: 'https:' | 'http:';
  /** Without brackets around an IPv6 address. */
  readonly hostname: string;
  readonly port: number;
  /** Path of the repository without a slash at its end. */
  readonly path: string;
  readonly shown: string;
}

/**
 * Checks a repository's URL: https, or http to a loopback host that is listed, without user info, query or fragment; or SSH.
 * Throws GIT_URL_REFUSED; messages never repeat user info.
 */
export function parseRemoteUrl(text: string, allowPlainHttpHosts: readonly string[]): RemoteUrl {
  if (isSshUrl(text)) return sshRemoteUrl(text);
  const url = URL.parse(text);
  if (url === null) throw refused(withoutUserInfo(text), 'is no URL');
  const shown = `${url.protocol}//${url.host}${url.pathname}`;
  if (url.username !== '' || url.password !== '') {
    throw refused(shown, 'carries a user name or password; credentials are given apart from the url');
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw refused(shown, 'is neither https nor ssh; git and file urls are not served here');
  }
  if (url.search !== '' || url.hash !== '') throw refused(shown, 'has a query or fragment');
  const hostname = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (url.protocol === 'http:') checkPlainHttp(shown, hostname, allowPlainHttpHosts);
  const path = url.pathname.replace(/\/+$/, '');
  if (path === '') throw refused(shown, 'names no repository');
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
  return { origin: url.origin, protocol: url.protocol, hostname, port, path, shown: `${url.origin}${path}` };
}

function sshRemoteUrl(text: string): SshRemoteUrl {
  const ssh = parseSshUrl(text);
  if (!ssh.ok) throw refused(withoutUserInfo(text), ssh.error);
  return { protocol: 'ssh:', ssh: ssh.value, hostname: ssh.value.host, shown: formatSshUrl(ssh.value) };
}

/** True when a host is an address, so that no name lookup will guard it. */
export function isAddress(hostname: string): boolean {
  return isIP(hostname) !== 0;
}

function checkPlainHttp(shown: string, hostname: string, allowed: readonly string[]): void {
  if (!loopbackHost.test(hostname))
    throw refused(shown, 'is plain http; only https is used off this machine');
  if (!allowed.includes(hostname)) {
    throw refused(shown, `is plain http and ${hostname} is not listed in the configuration as allowed`);
  }
}

function withoutUserInfo(text: string): string {
  return text.slice(0, 200).replace(/\/\/[^/]*@/, '//');
}

function refused(shown: string, why: string): GitError {
  return new GitError('GIT_URL_REFUSED', `git url ${JSON.stringify(shown)} ${why}`);
}
