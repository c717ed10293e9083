import { Buffer } from 'node:buffer';
import { GitError } from '../git-error.ts';
import { type AddressJudge, guardedLookup } from './address-guard.ts';
import { httpTransport } from './http-transport.ts';
import type { PackService } from './pack-service.ts';
import { proxyFor } from './proxy.ts';
import type { GitCredential, GitTimeouts, RemoteSettings } from './remote-settings.ts';
import type { HttpUrl, RemoteUrl, SshRemoteUrl } from './remote-url.ts';
import { smartHttp } from './smart-http.ts';
import { sshConnection } from './ssh-connection.ts';
import { sshService } from './ssh-service.ts';

/** A repository's pack service, with what carries it. */
export interface OpenService extends PackService {
  /** Requests made so far. */
  requests(): number;
  close(): void;
}

/** What was found out of the settings before. */
export interface ServiceParts<Url extends RemoteUrl = RemoteUrl> {
  readonly url: Url;
  readonly judge: AddressJudge;
  readonly timeouts: GitTimeouts;
}

/** Chooses what carries the service by the URL; connects on first use. Throws GIT_CREDENTIAL_UNFIT. */
export function openService(settings: RemoteSettings, parts: ServiceParts): OpenService {
  const { url } = parts;
  return url.protocol === 'ssh:'
    ? openSsh(settings, { ...parts, url })
    : openHttp(settings, { ...parts, url });
}

function openHttp(settings: RemoteSettings, { url, judge, timeouts }: ServiceParts<HttpUrl>): OpenService {
  const { caPem, credential, proxy } = settings;
  const authorization = authorizationOf(credential, url.shown);
  let requests = 0;
  const transport = httpTransport({
    url,
    shownUrl: url.shown,
    timeouts,
    lookup: guardedLookup(judge),
    proxyUrl: proxyFor(url, proxy),
    ...(caPem === undefined ? {} : { caPem }),
  });
  const service = smartHttp({
    transport,
    url,
    shownUrl: url.shown,
    ...(authorization === undefined ? {} : { authorization }),
    ...(credential === undefined ? {} : { credential }),
    onRequest: () => {
      requests += 1;
    },
  });
  return { ...service, requests: () => requests, close: transport.close };
}

function openSsh(
  settings: RemoteSettings,
  { url, judge, timeouts }: ServiceParts<SshRemoteUrl>,
): OpenService {
  const { credential } = settings;
  if (credential?.kind !== 'ssh') {
    const given =
      credential === undefined ? 'and no credential is named' : `and credential ${credential.name} is none`;
    const text = `${url.shown} wants an SSH key, ${given}: give one with ssh-privatekey and known_hosts`;
    throw new GitError('GIT_CREDENTIAL_UNFIT', text);
  }
  let requests = 0;
  const common = { shownUrl: url.shown, url: url.ssh, timeouts };
  const connection = sshConnection({ ...common, key: credential, lookup: guardedLookup(judge) });
  const service = sshService({
    ...common,
    connection,
    onRequest: () => {
      requests += 1;
    },
  });
  return { ...service, requests: () => requests, close: connection.close };
}

function authorizationOf(credential: GitCredential | undefined, shownUrl: string): string | undefined {
  if (credential === undefined) return undefined;
  switch (credential.kind) {
    case 'bearer':
      return `Bearer ${credential.token}`;
    case 'token':
      return basic(credential.username ?? 'x-access-token', credential.token);
    case 'basic':
      return basic(credential.username, credential.password);
    case 'ssh': {
      const text = `credential ${credential.name} is an SSH key, and ${shownUrl} is not reached over SSH: give a token`;
      throw new GitError('GIT_CREDENTIAL_UNFIT', text);
    }
  }
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}
