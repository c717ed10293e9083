import { type Clock, errorCode, FlotillaError, type Json, type Random } from '@flotilla/shared/base';
import { type Logger, type Metrics, readNkeySeed, validityOf } from '@flotilla/shared/kit';
import { firstEndMs, type Life, renewalDueMs, renewalPauseMs, renewalRetryMs } from '../core/enrol/index.ts';
import type { AgentIdentity, HubLink, StateStore } from '../ports.ts';

/** Makes keys and requests, and keeps identities; the adapters of io/enrolment. */
export interface IdentityKeeper {
  /** A new private key, PKCS#8 PEM. */
  newPrivateKeyPem(): string;
  /** A new NATS user seed. */
  newNatsSeed(): string;
  /** PKCS#10 over a key, DER. */
  signingRequestFor(privateKeyPem: string): Uint8Array;
  /** Throws when the identity would not work. */
  checkIdentity(identity: AgentIdentity, nowMs: number): void;
  /** Durable when resolved. */
  writeIdentity(identity: AgentIdentity, signal: AbortSignal): Promise<void>;
}

/** What the renewal loop needs. */
export interface RenewalOptions {
  /** The identity that was read or joined at start. */
  readonly identity: AgentIdentity;
  readonly keeper: IdentityKeeper;
  readonly hub: Pick<HubLink, 'renew'>;
  readonly store: StateStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics?: Metrics;
}

/** The agent's identity as it is now, kept fresh until the signal is aborted. */
export interface Renewal {
  /** The newest identity that is durable. Read it at every dial: nothing that is open is cut for a new one. */
  identity(): AgentIdentity;
  /** Why the last renewal failed; undefined = it did not. */
  problem(): string | undefined;
  /** Called after each renewal. Returns the unsubscribe function. */
  onRenewed(listener: (identity: AgentIdentity) => void): () => void;
  /** Resolves when the signal was aborted. Never rejects. */
  readonly ended: Promise<void>;
}

/** Defines what the renewal of the identity tells. */
export function defineRenewalMetrics(metrics: Metrics) {
  return {
    expires: metrics.gauge({
      name: 'flotilla_agent_identity_expires_seconds',
      help: 'When the first of certificate and bus credential ends, seconds since 1970.',
    }),
    failures: metrics.counter({
      name: 'flotilla_agent_renewal_failures_total',
      help: 'Renewals of the identity that failed.',
    }),
  };
}

const pendingKey = 'identity-renewal';
const pendingFormat = 1;
/** Wall time may jump (a laptop sleeps), so a long wait is looked at anew from time to time. */
const sliceMs = 600_000;

/**
 * Starts renewing certificate and bus credential at half of their lives, ± 10 %. The new keys are durable before they are
 * asked for, the new identity before it is used; the old one goes on until then, so no work is dropped and a crash
 * anywhere costs nothing.
 */
export function startRenewal(options: RenewalOptions, signal: AbortSignal): Renewal {
  const { clock, random, log } = options;
  const listeners = new Set<(identity: AgentIdentity) => void>();
  let identity = options.identity;
  let problem: string | undefined;
  const counted = options.metrics && defineRenewalMetrics(options.metrics);
  counted?.expires.compute(() => firstEndMs(livesOf(identity)) / 1_000);
  const failed = counted?.failures;

  async function run(): Promise<void> {
    let wasJustRenewed = false;
    for (;;) {
      await waitUntilDue(options, livesOf(identity), wasJustRenewed, signal);
      identity = await renewUntilDone();
      wasJustRenewed = true;
      for (const listener of [...listeners]) listener(identity);
    }
  }

  async function renewUntilDone(): Promise<AgentIdentity> {
    for (let failures = 1; ; failures += 1) {
      try {
        const renewed = await renewOnce(options, identity, signal);
        problem = undefined;
        log.info('identity renewed', { cluster: renewed.clusterName });
        return renewed;
      } catch (error) {
        signal.throwIfAborted();
        problem = error instanceof Error ? error.message : String(error);
        failed?.add();
        const at = { failures, endMs: firstEndMs(livesOf(identity)), nowMs: clock.wallMs() };
        const delayMs = Math.round(renewalRetryMs({ ...at, askedMs: askedMsOf(error) }, random));
        const fields = { attempt: failures, delay_ms: delayMs, code: errorCode(error), error };
        // A refusal does not pass by itself: a person must act before the old identity ends.
        if (isRefusal(error)) log.error('the hub refuses to renew this identity', fields);
        else log.warn('identity was not renewed, trying again', fields);
        await clock.sleep(delayMs, signal);
      }
    }
  }

  return {
    identity: () => identity,
    problem: () => problem,
    onRenewed(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    ended: run().catch((error: unknown) => {
      if (!signal.aborted) log.error('renewal stopped', { error });
    }),
  };
}

async function waitUntilDue(
  { clock, random }: RenewalOptions,
  lives: readonly Life[],
  wasJustRenewed: boolean,
  signal: AbortSignal,
): Promise<void> {
  const dueMs = renewalDueMs(lives, random.next());
  const earliestMs = clock.nowMs() + (wasJustRenewed ? renewalPauseMs(lives) : 0);
  for (;;) {
    const waitMs = Math.max(dueMs - clock.wallMs(), earliestMs - clock.nowMs());
    if (waitMs <= 0) return;
    await clock.sleep(Math.min(waitMs, sliceMs), signal);
  }
}

/** Keys that were made for a renewal; durable before the call, so that a lost answer can be asked for again. */
interface PendingKeys {
  readonly privateKeyPem: string;
  readonly natsSeed: string;
}

async function renewOnce(
  options: RenewalOptions,
  current: AgentIdentity,
  signal: AbortSignal,
): Promise<AgentIdentity> {
  const { keeper, store, hub } = options;
  const keys = await pendingKeys(options, current, signal);
  const natsUserKey = readNkeySeed('user', keys.natsSeed).publicKey;
  const answer = await hub.renew(
    { csrDer: keeper.signingRequestFor(keys.privateKeyPem), natsUserKey },
    signal,
  );
  const renewed = { ...current, ...renewedParts(answer), ...keys };
  // Before the old one is given up.
  keeper.checkIdentity(renewed, options.clock.wallMs());
  await keeper.writeIdentity(renewed, signal);
  await store.remove(pendingKey, signal);
  return renewed;
}

/** What a renewal may change; who we are is not among it. */
function renewedParts(answer: AgentIdentity) {
  const { certificateChainPem, caBundlePem, natsUserJwt, natsUrls } = answer;
  return { certificateChainPem, caBundlePem, natsUserJwt, natsUrls };
}

async function pendingKeys(
  { keeper, store }: RenewalOptions,
  current: AgentIdentity,
  signal: AbortSignal,
): Promise<PendingKeys> {
  const stored = readPending(await store.read(pendingKey, signal));
  // Equal keys mean that a renewal was finished and only this record was left behind.
  if (stored !== undefined && stored.privateKeyPem !== current.privateKeyPem) return stored;
  const fresh = { privateKeyPem: keeper.newPrivateKeyPem(), natsSeed: keeper.newNatsSeed() };
  await store.write(pendingKey, { format: pendingFormat, ...fresh }, signal);
  return fresh;
}

/** Undefined also for a damaged or newer record: new keys cost nothing. */
function readPending(value: Json | undefined): PendingKeys | undefined {
  if (typeof value !== 'object' || value === null || !('privateKeyPem' in value)) return undefined;
  const { format, privateKeyPem, natsSeed } = value;
  if (format !== pendingFormat || typeof privateKeyPem !== 'string' || typeof natsSeed !== 'string')
    return undefined;
  return { privateKeyPem, natsSeed };
}

/** The lives of certificate and bus credential. */
function livesOf(identity: AgentIdentity): readonly Life[] {
  const { iat, exp } = claimsOf(identity.natsUserJwt);
  const certificate = validityOf(identity.certificateChainPem);
  const hasBusLife = typeof iat === 'number' && typeof exp === 'number' && exp > iat;
  return hasBusLife ? [certificate, { notBeforeMs: iat * 1_000, notAfterMs: exp * 1_000 }] : [certificate];
}

/** The claims of a JWT, unverified: it came over the hub's authenticated channel, and the bus checks it. */
function claimsOf(jwt: string): { readonly iat?: unknown; readonly exp?: unknown } {
  try {
    const claims: unknown = JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString());
    return typeof claims === 'object' && claims !== null ? claims : {};
  } catch {
    return {};
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof FlotillaError && error.retry === 'never';
}

/** What the hub said to wait, where the error carries it. */
function askedMsOf(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('retryAfterMs' in error)) return 0;
  return typeof error.retryAfterMs === 'number' ? error.retryAfterMs : 0;
}
