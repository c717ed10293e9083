/**
 * The hub's keys: certificate authority, row MACs, bus accounts, kept in `<data folder>/identity`.
 * Reading order: open-identity (what the hub opens), identity-files, fleet-keys, x509 (the one use of @peculiar/x509),
 * hub-signer, tls-server, peer-identity.
 */

export { IdentityError } from './identity-error.ts';
export { type HubIdentity, type OpenIdentityOptions, openIdentity } from './open-identity.ts';
export { readPeerIdentity } from './peer-identity.ts';
export type { TlsServerMaterial } from './tls-server.ts';
export { CsrError } from './x509.ts';
