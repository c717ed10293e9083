/** An invariant that does not hold. `check` names it: I1 to I24, `assertion`, or `liveness`. */
export class Violation extends Error {
  override readonly name = 'Violation';
  readonly check: string;

  constructor(check: string, text: string) {
    super(`${check}: ${text}`);
    this.check = check;
  }
}

/** States what must be so by an invariant. */
export function must(isSo: unknown, check: string, text: () => string): asserts isSo {
  if (!isSo) throw new Violation(check, text());
}
