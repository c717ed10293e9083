/**
 * Bytes between us and a Git server: pkt-lines, what a server advertises, requests and answers of protocol v2, and the
 * HTTP below them. Nothing here knows packs or trees.
 * Reading order: pkt-line, advertisement, upload-request, upload-answer; remote-settings, remote-url, address-guard,
 * deadline, http-failure, http-transport, smart-http; remote binds them together,
 * remote-pool keeps remotes.
 */
export { openRemote, type Remote } from './remote.ts';
export { type RemotePool, remotePool } from './remote-pool.ts';
export type { FetchLimits, GitCredential, GitTimeouts, RemoteSettings } from './remote-settings.ts';
