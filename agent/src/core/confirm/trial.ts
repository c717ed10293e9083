import type { Digest, Json } from '@flotilla/shared/base';
import { parseDigest } from '@flotilla/shared/base';
import type { RowVersion } from '@flotilla/shared/model';
import { fieldAt, textAt } from '../health/fields.ts';

/**
 * A change that is taken back unless the agent's own link outlives it (`confirm` of a placement, shared/adr/0032). Durable
 * before anything of the change is written.
 */
export interface Trial {
  /** Of the row that brought the change. */
  readonly version: RowVersion;
  /** What is on trial. */
  readonly variantDigest: Digest;
  /** What is kept up again when the link does not outlive it. */
  readonly previousDigest: Digest;
  /** Longest silence of hub and bus together. */
  readonly confirmMs: number;
  /** Silence that earlier runs of the program lived through, without a break up to their ends. */
  readonly silentMs: number;
  /** The change was taken back; until the next row the one before it is kept up. */
  readonly isTakenBack: boolean;
}

const format = 1;

/** The trial as the state store keeps it. */
export function encodeTrial({ version, ...trial }: Trial): Json {
  return { format, epoch: version.epoch, seq: version.seq, ...trial };
}

/** Reads a stored trial; undefined = it cannot be understood, and then nothing is taken back. */
export function parseTrial(value: Json): Trial | undefined {
  const number = (name: string): number | undefined => {
    const found = fieldAt(value, name);
    return typeof found === 'number' && Number.isSafeInteger(found) && found >= 0 ? found : undefined;
  };
  const variantDigest = parseDigest(textAt(value, ['variantDigest']));
  const previousDigest = parseDigest(textAt(value, ['previousDigest']));
  const [epoch, seq] = [number('epoch'), number('seq')];
  const [confirmMs, silentMs] = [number('confirmMs'), number('silentMs')];
  const isTakenBack = fieldAt(value, 'isTakenBack');
  if (fieldAt(value, 'format') !== format || !variantDigest.ok || !previousDigest.ok) return undefined;
  if (epoch === undefined || seq === undefined || !confirmMs || silentMs === undefined) return undefined;
  if (typeof isTakenBack !== 'boolean') return undefined;
  return {
    version: { epoch, seq },
    variantDigest: variantDigest.value,
    previousDigest: previousDigest.value,
    confirmMs,
    silentMs,
    isTakenBack,
  };
}
