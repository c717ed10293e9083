import { open } from 'node:fs/promises';

/** A row of an agent that the hub took as durable, as its own log says (level debug). */
export interface HeldLine {
  readonly clusterUid: string;
  /** Sequence of the decision that the row comes from. */
  readonly seq: number;
  readonly atMs: number;
}

/** Reads what a hub writes to its log from here on. */
export class HubLog {
  readonly #path: string;
  #position: number;
  #rest = '';

  private constructor(path: string, position: number) {
    this.#path = path;
    this.#position = position;
  }

  /** Stands behind what is there already. */
  static async open(path: string): Promise<HubLog> {
    const file = await open(path, 'r');
    const { size } = await file.stat();
    await file.close();
    return new HubLog(path, size);
  }

  /** The lines about rows held since the last call. */
  async read(): Promise<readonly HeldLine[]> {
    const file = await open(this.#path, 'r');
    try {
      const { size } = await file.stat();
      const bytes = Buffer.alloc(size - this.#position);
      await file.read(bytes, 0, bytes.length, this.#position);
      this.#position = size;
      const lines = (this.#rest + bytes.toString('utf8')).split('\n');
      this.#rest = lines.pop() ?? '';
      return lines.filter((line) => line.includes('"row held"')).map(heldLine);
    } finally {
      await file.close();
    }
  }
}

function heldLine(line: string): HeldLine {
  // Our own hub's log line, in its documented form.
  const parsed = JSON.parse(line) as {
    readonly time: string | number;
    readonly cluster_uid: string;
    readonly seq: number;
  };
  return { clusterUid: parsed.cluster_uid, seq: parsed.seq, atMs: new Date(parsed.time).getTime() };
}
