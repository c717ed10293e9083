import type {
  ClusterName,
  ClusterUid,
  Digest,
  EventId,
  GitId,
  HubId,
  PlacementName,
  RolloutId,
} from '@flotilla/shared/base';
import fc from 'fast-check';

function hex(length: number): fc.Arbitrary<string> {
  return fc.string({
    unit: fc.constantFrom(...'0123456789abcdef'),
    minLength: length,
    maxLength: length,
  });
}

const base32 = fc.string({
  unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz234567'),
  minLength: 26,
  maxLength: 26,
});

/** DNS-1123 labels. */
export const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?$/);
/** sha-256 digests. */
export const digest = hex(64).map((text) => text as Digest);
/** Git ids of both object formats. */
export const gitId = fc.oneof(hex(40), hex(64)).map((text) => text as GitId);
/** Placement names. */
export const placementName = label.map((text) => text as PlacementName);
/** Cluster names. */
export const clusterName = label.map((text) => text as ClusterName);
/** Rollout ids. */
export const rolloutId = fc
  .tuple(label, fc.integer({ min: 1, max: 9_999 }))
  .map(([name, number]) => `${name}-${number}` as RolloutId);
/** Cluster uids. */
export const clusterUid = base32.map((text) => text as ClusterUid);
/** Hub ids. */
export const hubId = base32.map((text) => text as HubId);
/** Event ids. */
export const eventId = base32.map((text) => text as EventId);
/** Counts up to the largest safe integer. */
export const whole = fc.oneof(fc.nat({ max: 1_000 }), fc.maxSafeNat());
/** Counts from 1. */
export const fromOne = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
/** Values of a 32-bit field. */
export const uint32 = fc.nat({ max: 4_294_967_295 });
/** Text as people write it, any script, well formed. */
export const text = fc.string({ unit: 'grapheme', maxLength: 40 });
/** Text that is there. */
export const someText = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
/** Labels and other small maps. */
export const smallMap = fc.dictionary(label, text, { maxKeys: 4, noNullPrototype: true });
/** A value or undefined. */
export function maybe<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(value, { nil: undefined });
}
