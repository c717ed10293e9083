import { FlotillaError, type Json } from '@flotilla/shared/base';
import type { Bucket } from '../ports.ts';
import { type UntilAnsweredDeps, untilAnswered } from './until-answered.ts';

/** What makes a fleet this one: what agents and servers were told to trust. Nothing of it is a secret. */
export interface FleetMarks {
  readonly hubId: string;
  readonly trustDomain: string;
  /** Pin of the root CA's key. */
  readonly caPin: string;
  /** What the key of the rows' MACs makes of a fixed text. */
  readonly rowKey: string;
}

/** This process has another identity than the fleet whose bus it found. */
export class FleetMismatchError extends FlotillaError {
  override readonly name = 'FleetMismatchError';
}

const fleetKey = 'fleet';
const formatNow = 1;
const words: Readonly<Record<keyof FleetMarks, string>> = {
  hubId: 'hub id',
  trustDomain: 'trust domain',
  caPin: 'certificate authority',
  rowKey: "key of the rows' proofs",
};

/** What claiming runs on. */
export interface ClaimDeps extends UntilAnsweredDeps {
  /** Bucket flotilla-meta. */
  readonly meta: Bucket;
}

/**
 * Compares this process's identity with the one that the fleet's bus remembers, or has it remembered where there is none.
 * Rejects with FleetMismatchError: a process of another identity would sign rows that no agent believes, or issue
 * certificates that no agent trusts. Waits while the bus does not answer: servers that start elect leaders first.
 */
export async function claimFleet(deps: ClaimDeps, marks: FleetMarks, signal: AbortSignal): Promise<void> {
  const what = 'whose it is';
  await untilAnswered(deps, { what, ask: () => claimOnce(deps.meta, marks, signal) }, signal);
}

async function claimOnce(meta: Bucket, marks: FleetMarks, signal: AbortSignal): Promise<void> {
  for (;;) {
    const entry = await meta.get(fleetKey, signal);
    if (entry !== undefined) {
      compare(entry.value, marks);
      return;
    }
    const revision = await meta.put(fleetKey, { format: formatNow, ...marks }, 0, signal);
    if (revision !== undefined) return;
  }
}

function compare(value: Json, marks: FleetMarks): void {
  const record = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  const format = Reflect.get(record, 'format');
  if (format !== formatNow) {
    throw new FleetMismatchError(
      `the bus remembers its fleet in format ${String(format)}, this hub knows ${formatNow}: use a newer program`,
      { code: 'FLEET_FORMAT', retry: 'never' },
    );
  }
  // Exactly the names of FleetMarks.
  const names = Object.keys(words) as readonly (keyof FleetMarks)[];
  const different = names.filter((name) => Reflect.get(record, name) !== marks[name]);
  if (different.length === 0) return;
  throw new FleetMismatchError(
    `the bus belongs to fleet ${String(Reflect.get(record, 'hubId'))}, the identity folder of this process to ` +
      `${marks.hubId}; they differ in ${different.map((name) => words[name]).join(', ')}: every process of a fleet needs ` +
      'the same identity folder, so copy it from a process that works, whole',
    { code: 'FLEET_MISMATCH', retry: 'never' },
  );
}
