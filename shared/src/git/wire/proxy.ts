import { BlockList, isIP } from 'node:net';
import { err, ok, type Result } from '../../base/index.ts';
import { parseAddressRange } from './address-range.ts';

/** The HTTP proxy between this program and the Git servers that it reaches over https. */
export interface ProxySettings {
  /** `http://[user:password@]host[:port]`, or https. Given by who runs the program, so its address is not judged. */
  readonly url: string;
  /** Hosts that are reached without it, as in NO_PROXY: names with all below them, addresses, ranges, `host:port`, `*`. */
  readonly exceptFor: readonly string[];
}

/** Names of this machine: a proxy would take them for its own machine. */
const loopbackHost = /^(localhost|127(\.[0-9]{1,3}){3}|::1)$/;

/**
 * Reads the URL of a proxy, without a path; `none` is no proxy. A text without a scheme is taken as http, as curl does, for
 * HTTPS_PROXY is often written so. The error is a clause that follows the name of a setting, and never repeats the text: it
 * may hold a password.
 */
export function parseProxyUrl(text: string): Result<string | undefined, string> {
  if (text === 'none') return ok(undefined);
  const url = URL.parse(text.includes('://') ? text : `http://${text}`);
  if (url === null || url.hostname === '') {
    return err('is not the URL of a proxy, such as http://proxy.example.org:3128, nor none');
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return err(
      `begins with ${url.protocol}//: only http and https proxies are spoken to (none for no proxy)`,
    );
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    return err('is the URL of a page, and not of a proxy such as http://proxy.example.org:3128');
  }
  return ok(url.href);
}

/** Both settings of a program; undefined = no proxy. */
export function proxySettings(
  url: string | undefined,
  exceptFor: readonly string[],
): ProxySettings | undefined {
  return url === undefined ? undefined : { url, exceptFor };
}

/** The proxy for a host; undefined when it is reached without one. Pure. */
export function proxyFor(
  target: { readonly hostname: string; readonly port: number },
  settings: ProxySettings | undefined,
): string | undefined {
  if (settings === undefined) return undefined;
  const hostname = target.hostname.toLowerCase().replace(/\.$/, '');
  if (loopbackHost.test(hostname)) return undefined;
  const entries = settings.exceptFor.flatMap((text) => text.toLowerCase().split(/\s+/));
  const isExcepted = entries.some((entry) => excepts(entry, hostname, target.port));
  return isExcepted ? undefined : settings.url;
}

/** The proxy as it may be shown: without user and password. */
export function shownProxy(url: string): string {
  return URL.parse(url)?.origin ?? 'the proxy';
}

function excepts(entry: string, hostname: string, port: number): boolean {
  if (entry === '*') return true;
  const range = parseAddressRange(entry);
  if (range.ok) return isWithin(range.value, hostname);
  const { host, onlyPort } = splitPort(entry);
  if (host === '' || (onlyPort !== undefined && onlyPort !== port)) return false;
  if (isIP(host) !== 0 || isIP(hostname) !== 0) return host === hostname;
  return hostname === host || hostname.endsWith(`.${host}`);
}

function isWithin(
  range: { readonly address: string; readonly prefix: number; readonly family: 'ipv4' | 'ipv6' },
  hostname: string,
): boolean {
  const version = isIP(hostname);
  if (version === 0) return false;
  const list = new BlockList();
  list.addSubnet(range.address, range.prefix, range.family);
  return list.check(hostname, version === 6 ? 'ipv6' : 'ipv4');
}

/** `[::1]:8443`, `*.example.org:8443`, `.example.org` and `fd00::1` to what is compared. */
function splitPort(entry: string): { readonly host: string; readonly onlyPort: number | undefined } {
  if (isIP(entry) !== 0) return { host: entry, onlyPort: undefined };
  const [, bracketed, plain = '', port] =
    /^(?:\[([0-9a-f:.]+)\]|([^:[\]]*))(?::([0-9]{1,5}))?$/.exec(entry) ?? [];
  const host = bracketed ?? plain.replace(/^\*?\./, '').replace(/\.$/, '');
  return { host, onlyPort: port === undefined ? undefined : Number(port) };
}
