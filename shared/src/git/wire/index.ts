/**
 * Bytes between us and a Git server: pkt-lines, what a server advertises, requests and answers of protocol v2, and the
 * HTTP and SSH below them. Nothing here knows packs or trees.
 * Reading order: pkt-line, advertisement, upload-request, upload-answer; credential-url, remote-settings, remote-url,
 * address-range, address-guard, proxy,
 * deadline, pack-service, packet-stream; http-failure, http-transport, smart-http; known-hosts, ssh-login, ssh-connection, ssh-service;
 * open-service, remote bind them together,
 * remote-pool keeps remotes. `git/address-range` and `git/proxy` are entries of their own: settings need no more of Git.
 */
export { type AddressJudge, addressJudge, guardedLookup } from './address-guard.ts';
export { type CredentialPlace, credentialRefusal } from './credential-url.ts';
export type { ProxySettings } from './proxy.ts';
export { openRemote, type Remote } from './remote.ts';
export { type RemotePool, remotePool } from './remote-pool.ts';
export type {
  FetchLimits,
  GitCredential,
  GitSecret,
  GitTimeouts,
  RemoteSettings,
} from './remote-settings.ts';
