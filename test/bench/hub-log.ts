import { open } from 'node:fs/promises';

/** One line of a hub's log in its documented form. */
export interface LogLine {
  readonly time: string | number;
  readonly message: string;
  readonly [field: string]: unknown;
}

/** Reads what a hub writes to its log with one message, from here on. */
export class HubLog {
  readonly #path: string;
  readonly #message: string;
  #position: number;
  #rest = '';

  private constructor(path: string, message: string, position: number) {
    this.#path = path;
    this.#message = message;
    this.#position = position;
  }

  /** Stands behind what is there already. */
  static async open(path: string, message: string): Promise<HubLog> {
    const file = await open(path, 'r');
    const { size } = await file.stat();
    await file.close();
    return new HubLog(path, message, size);
  }

  /** The lines with that message since the last call. */
  async read(): Promise<readonly LogLine[]> {
    const file = await open(this.#path, 'r');
    try {
      const { size } = await file.stat();
      const bytes = Buffer.alloc(size - this.#position);
      await file.read(bytes, 0, bytes.length, this.#position);
      this.#position = size;
      const lines = (this.#rest + bytes.toString('utf8')).split('\n');
      this.#rest = lines.pop() ?? '';
      return (
        lines
          .filter((line) => line.includes(`"${this.#message}"`))
          // Our own hub's log lines.
          .map((line) => JSON.parse(line) as LogLine)
      );
    } finally {
      await file.close();
    }
  }
}
