import type { experimental } from '@grpc/grpc-js';

/** PEM texts of a TLS listener. */
export interface ListenerTls {
  /** Leaf first. */
  readonly certPem: string;
  /** A secret. */
  readonly keyPem: string;
  /** Roots that client certificates must chain to. */
  readonly caPem: string;
}

type CaListener = experimental.CaCertificateUpdateListener;
type IdentityListener = experimental.IdentityCertificateUpdateListener;

/**
 * Holds what a listener shows and trusts; new connections use what was set last, open ones live on. grpc-js 1.14.7 adds
 * its own watcher only after it has asked us to listen, so the first answer must not come at once: it would be lost, and
 * the server would drop every connection.
 */
export class CertificateSource implements experimental.CertificateProvider {
  readonly #caListeners = new Set<CaListener>();
  readonly #identityListeners = new Set<IdentityListener>();
  #tls: ListenerTls;

  constructor(tls: ListenerTls) {
    this.#tls = tls;
  }

  set(tls: ListenerTls): void {
    this.#tls = tls;
    for (const listener of this.#caListeners) this.#tellCa(listener);
    for (const listener of this.#identityListeners) this.#tellIdentity(listener);
  }

  addCaCertificateListener(listener: CaListener): void {
    this.#caListeners.add(listener);
    queueMicrotask(() => this.#tellCa(listener));
  }

  removeCaCertificateListener(listener: CaListener): void {
    this.#caListeners.delete(listener);
  }

  addIdentityCertificateListener(listener: IdentityListener): void {
    this.#identityListeners.add(listener);
    queueMicrotask(() => this.#tellIdentity(listener));
  }

  removeIdentityCertificateListener(listener: IdentityListener): void {
    this.#identityListeners.delete(listener);
  }

  #tellCa(listener: CaListener): void {
    listener({ caCertificate: Buffer.from(this.#tls.caPem) });
  }

  #tellIdentity(listener: IdentityListener): void {
    listener({ certificate: Buffer.from(this.#tls.certPem), privateKey: Buffer.from(this.#tls.keyPem) });
  }
}
