import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Writes the first files of a control repository below `folder`; resolves to where they are. */
export async function writeSeed(folder: string, files: Readonly<Record<string, string>>): Promise<string> {
  const seed = join(folder, 'seed');
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(seed, path)), { recursive: true });
    await writeFile(join(seed, path), text);
  }
  return seed;
}
