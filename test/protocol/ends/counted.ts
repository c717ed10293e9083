/** How many values a reader has taken so far: real bytes need real time, and a script must not let time pass before. */
export class Taken {
  count = 0;

  /** The same values, counted as they are taken. */
  async *over<Value>(values: AsyncIterable<Value>): AsyncGenerator<Value, void, undefined> {
    for await (const value of values) {
      this.count += 1;
      yield value;
    }
  }
}

/** Waits for a condition with a deadline. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
