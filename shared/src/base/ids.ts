import { err, ok, type Result } from './result.ts';

declare const brand: unique symbol;

/** A string that passed its parser; `Name` keeps kinds of ids apart at compile time. */
export type Branded<Name extends string> = string & { readonly [brand]: Name };

/** 26 lower-case base32 characters, made by the hub; used in subjects, certificates and rows. */
export type ClusterUid = Branded<'ClusterUid'>;
/** DNS-1123 label, unique in the fleet; what people see. */
export type ClusterName = Branded<'ClusterName'>;
/** DNS-1123 label, unique in the fleet; also the assignment's id on a cluster. */
export type PlacementName = Branded<'PlacementName'>;
/** `<placement>-<number>`, numbers count up per placement. */
export type RolloutId = Branded<'RolloutId'>;
/** sha-256, 64 lower-case hex characters. */
export type Digest = Branded<'Digest'>;
/** A Git object id: 40 (sha-1) or 64 (sha-256) lower-case hex characters. */
export type GitId = Branded<'GitId'>;
/** 26 lower-case base32 characters; one for the life of a fleet. */
export type HubId = Branded<'HubId'>;
/** 26 lower-case base32 characters; one decision event, made by whoever appends it. */
export type EventId = Branded<'EventId'>;

const labelPattern = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const uidPattern = /^[a-z2-7]{26}$/;
const digestPattern = /^[0-9a-f]{64}$/;
const gitIdPattern = /^([0-9a-f]{40}|[0-9a-f]{64})$/;
const rolloutIdPattern = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?-[1-9][0-9]{0,9}$/;
const base32Alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

function parseWith<Name extends string>(pattern: RegExp, rule: string) {
  return function parse(text: string): Result<Branded<Name>, string> {
    // The one place where a string becomes an id: the pattern has just been checked.
    return pattern.test(text)
      ? ok(text as Branded<Name>)
      : err(`${JSON.stringify(text.slice(0, 80))} is not ${rule}`);
  };
}

const labelRule =
  'a DNS-1123 label (1 to 63 of a-z, 0-9 and "-", starting and ending with a letter or digit)';

/** Accepts a cluster name. */
export const parseClusterName = parseWith<'ClusterName'>(labelPattern, labelRule);
/** Accepts a placement name. */
export const parsePlacementName = parseWith<'PlacementName'>(labelPattern, labelRule);
/** Accepts a cluster uid. */
export const parseClusterUid = parseWith<'ClusterUid'>(uidPattern, 'a cluster uid (26 base32 characters)');
/** Accepts a hub id. */
export const parseHubId = parseWith<'HubId'>(uidPattern, 'a hub id (26 base32 characters)');
/** Accepts an event id. */
export const parseEventId = parseWith<'EventId'>(uidPattern, 'an event id (26 base32 characters)');
/** Accepts a sha-256 digest in hex. */
export const parseDigest = parseWith<'Digest'>(digestPattern, 'a sha-256 digest (64 hex characters)');
/** Accepts a Git object id in hex. */
export const parseGitId = parseWith<'GitId'>(gitIdPattern, 'a Git object id (40 or 64 hex characters)');
/** Accepts a rollout id. */
export const parseRolloutId = parseWith<'RolloutId'>(rolloutIdPattern, 'a rollout id (<placement>-<number>)');

/** The id of a placement's `number`-th rollout; `number` counts from 1. */
export function rolloutIdOf(placement: PlacementName, number: number): RolloutId {
  return `${placement}-${number}` as RolloutId;
}

/** Makes 26 base32 characters (130 bits of which 128 are used) from 16 random bytes given by the caller. */
export function uidFromBytes(bytes: Uint8Array): string {
  let bits = 0;
  let value = 0;
  let text = '';
  for (const byte of bytes.subarray(0, 16)) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      text += base32Alphabet[(value >>> (bits - 5)) & 31] ?? '';
      bits -= 5;
    }
    value &= (1 << bits) - 1;
  }
  return bits > 0 ? text + (base32Alphabet[(value << (5 - bits)) & 31] ?? '') : text;
}

/** Digests and Git ids are shown shortened to 12 characters. */
export function shortId(id: string): string {
  return id.slice(0, 12);
}
