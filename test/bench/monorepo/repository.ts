import { createHash } from 'node:crypto';
import { stringify } from 'yaml';

/** Objects of the application, each in a file of its own. */
export const objectCount = 1_000;
/** All the other files, and how large each is: with the application's 5,000 files and 70 MB. */
const otherCount = 4_000;
const otherBytes = 17_300;

/** The repository by path: the application below `apps/large`, and files that nobody asks for and that no compression makes small. */
export function wholeRepository(): Readonly<Record<string, string | Uint8Array>> {
  const files: Record<string, string | Uint8Array> = {};
  for (let index = 0; index < objectCount; index += 1)
    files[`apps/large/object-${String(index).padStart(4, '0')}.yaml`] = configMapText(index, 0);
  for (let index = 0; index < otherCount; index += 1)
    files[`services/service-${Math.floor(index / 40)}/part-${index % 40}.bin`] = noise(index, otherBytes);
  return files;
}

/** One object of the application as text; another revision differs in one line. */
export function configMapText(index: number, revision: number): string {
  const name = `settings-${String(index).padStart(4, '0')}`;
  const data = Object.fromEntries(
    Array.from({ length: 12 }, (_, line) => [
      `setting-${line}`,
      `value ${line} of ${name} as it is by default`,
    ]),
  );
  const labels = { app: 'large', part: name };
  const settings = { ...data, revision: String(revision) };
  return stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels }, data: settings });
}

/** Bytes without a pattern, the same ones for the same seed. */
function noise(seed: number, length: number): Uint8Array {
  return createHash('shake256', { outputLength: length }).update(String(seed)).digest();
}
