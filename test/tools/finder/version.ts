/** Versions from `from` on and below `below`, with the reason of the lower end. */
export interface VersionRange {
  readonly from: string;
  readonly below: string;
  readonly why: string;
}

type VersionNumbers = readonly [number, number, number];

/** The first version in a program's output as `major.minor.patch`; a missing patch counts as 0. */
export function parseVersion(output: string): string | undefined {
  const found = /\bv?(\d+)\.(\d+)(?:\.(\d+))?\b/.exec(output);
  if (found === null) return undefined;
  return `${Number(found[1])}.${Number(found[2])}.${Number(found[3] ?? 0)}`;
}

/** Negative when `left` is older, positive when it is newer, 0 when equal. Both are `major.minor.patch`. */
export function compareVersions(left: string, right: string): number {
  const [leftNumbers, rightNumbers] = [numbersOf(left), numbersOf(right)];
  for (const place of [0, 1, 2] as const) {
    const difference = leftNumbers[place] - rightNumbers[place];
    if (difference !== 0) return difference;
  }
  return 0;
}

/** True when the version lies inside the range. */
export function isAccepted(version: string, range: VersionRange): boolean {
  return compareVersions(version, range.from) >= 0 && compareVersions(version, range.below) < 0;
}

/** The range as people read it: `>= 1.36.0 < 1.37.0`. */
export function describeRange(range: VersionRange): string {
  return `>= ${range.from} < ${range.below}`;
}

function numbersOf(version: string): VersionNumbers {
  const parts = version.split('.').map(Number);
  return [parts[0] ?? 0, parts[1] ?? 0, parts[2] ?? 0];
}
