import type { Json, PlacementName, Result } from '@flotilla/shared/base';
import { describeError, FlotillaError, parsePlacementName } from '@flotilla/shared/base';
import type { Row } from '@flotilla/shared/model';
import { memberOf, setDigest } from '@flotilla/shared/model';
import type { StateStore } from '../ports.ts';
import type { HeldRows } from './held-rows.ts';

/** How a row looks on disk; shared/codec has the real one. */
export interface RowFormat {
  encode(row: Row): Json;
  parse(value: Json): Result<Row, { readonly kind: 'damaged' | 'format-too-new'; readonly text: string }>;
}

/** A newer program wrote the rows: this one must not touch them (code ROW_FORMAT_TOO_NEW). */
export class HeldRowsError extends FlotillaError {
  override readonly name = 'HeldRowsError';
}

/** The rows and what was wrong with those that could not be read. */
export interface OpenHeldRows {
  readonly rows: HeldRows;
  /** One sentence for each unreadable row: it counts as not held, the hub sends it again, and nothing is deleted for it. */
  readonly damage: readonly string[];
}

const prefix = 'rows/';
const writesMax = 8;

/** Reads all rows from the store. Rejects with HeldRowsError when a newer program wrote one of them. */
export async function openHeldRows(
  store: StateStore,
  format: RowFormat,
  signal: AbortSignal,
): Promise<OpenHeldRows> {
  const found = new Map<PlacementName, Row>();
  const damage: string[] = [];
  for (const key of await store.list(prefix, signal)) {
    const read = await readRow(store, format, { key, signal });
    if (read.ok) found.set(read.value.placement, read.value);
    else damage.push(`row ${key.slice(prefix.length)} cannot be used: ${read.error}`);
  }
  return { rows: new StoredRows(store, format, found), damage };
}

async function readRow(
  store: StateStore,
  format: RowFormat,
  where: { readonly key: string; readonly signal: AbortSignal },
): Promise<Result<Row, string>> {
  const { key, signal } = where;
  const value = await readValue(store, key, signal);
  if (!value.ok) return value;
  const row = format.parse(value.value);
  if (!row.ok && row.error.kind === 'format-too-new') {
    throw new HeldRowsError(`${key}: ${row.error.text}`, { code: 'ROW_FORMAT_TOO_NEW', retry: 'never' });
  }
  if (!row.ok) return { ok: false, error: row.error.text };
  const name = parsePlacementName(key.slice(prefix.length));
  return name.ok && name.value === row.value.placement
    ? row
    : { ok: false, error: `it speaks of ${row.value.placement}` };
}

async function readValue(store: StateStore, key: string, signal: AbortSignal): Promise<Result<Json, string>> {
  try {
    const value = await store.read(key, signal);
    return value === undefined ? { ok: false, error: 'it vanished' } : { ok: true, value };
  } catch (error) {
    signal.throwIfAborted();
    return { ok: false, error: describeError(error) };
  }
}

class StoredRows implements HeldRows {
  readonly #store: StateStore;
  readonly #format: RowFormat;
  readonly #rows: Map<PlacementName, Row>;
  readonly #listeners = new Set<(placements: readonly PlacementName[]) => void>();
  #sorted: readonly Row[] | undefined;
  #digest: ReturnType<HeldRows['digest']> | undefined;

  constructor(store: StateStore, format: RowFormat, rows: Map<PlacementName, Row>) {
    this.#store = store;
    this.#format = format;
    this.#rows = rows;
  }

  all(): readonly Row[] {
    this.#sorted ??= [...this.#rows.values()].sort((left, right) =>
      left.placement < right.placement ? -1 : 1,
    );
    return this.#sorted;
  }

  get(placement: PlacementName): Row | undefined {
    return this.#rows.get(placement);
  }

  digest(): ReturnType<HeldRows['digest']> {
    this.#digest ??= setDigest(this.all().map(memberOf));
    return this.#digest;
  }

  async accept(rows: readonly Row[], signal: AbortSignal): Promise<void> {
    if (rows.length === 0) return;
    await this.#writeAll(rows, signal);
    for (const row of rows) this.#rows.set(row.placement, row);
    this.#sorted = undefined;
    this.#digest = undefined;
    const placements = rows.map((row) => row.placement);
    for (const listener of this.#listeners) listener(placements);
  }

  onChange(listener: (placements: readonly PlacementName[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Some rows at a time. When one fails, those already written are put back: the disk says what memory says. */
  async #writeAll(rows: readonly Row[], signal: AbortSignal): Promise<void> {
    for (let index = 0; index < rows.length; index += writesMax) {
      const slice = rows.slice(index, index + writesMax);
      const outcomes = await Promise.allSettled(slice.map((row) => this.#write(row, signal)));
      const failed = outcomes.find((outcome) => outcome.status === 'rejected');
      if (failed === undefined) continue;
      await Promise.allSettled(rows.slice(0, index + writesMax).map((row) => this.#putBack(row)));
      throw failed.reason;
    }
  }

  async #write(row: Row, signal: AbortSignal): Promise<void> {
    await this.#store.write(`${prefix}${row.placement}`, this.#format.encode(row), signal);
  }

  async #putBack(row: Row): Promise<void> {
    const before = this.#rows.get(row.placement);
    const signal = new AbortController().signal;
    if (before !== undefined) await this.#write(before, signal);
    else await this.#store.remove(`${prefix}${row.placement}`, signal);
  }
}
