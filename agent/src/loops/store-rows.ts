import { describeError } from '@flotilla/shared/base';
import type { RejectedRow, Row } from '@flotilla/shared/model';
import type { HeldRows } from './held-rows.ts';

/** Rows stored at the same time; each is synced to disk by itself. */
const storesMax = 8;

/** Makes each row durable by itself, so that one bad write refuses one row. Never rejects. */
export async function storeRows(
  held: HeldRows,
  rows: readonly Row[],
): Promise<{ readonly stored: readonly Row[]; readonly failed: readonly RejectedRow[] }> {
  const stored: Row[] = [];
  const failed: RejectedRow[] = [];
  const line = [...rows];
  const work = async (): Promise<void> => {
    for (let row = line.shift(); row !== undefined; row = line.shift()) {
      const failure = await storeRow(held, row);
      if (failure === undefined) stored.push(row);
      else failed.push(failure);
    }
  };
  await Promise.all(Array.from({ length: Math.min(storesMax, rows.length) }, work));
  return { stored, failed };
}

async function storeRow(held: HeldRows, row: Row): Promise<RejectedRow | undefined> {
  try {
    // Not called off by the end of the program: what is being written is finished.
    await held.accept([row], new AbortController().signal);
    return undefined;
  } catch (error) {
    return { placement: row.placement, version: row.version, code: 'STORE', text: describeError(error) };
  }
}
