import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { rootFolder } from '../tools/paths.ts';

const bytesMax = 64 * 1024 * 1024;

/** Every text file that is committed or would be, by path. Files that hold a zero byte are not text. */
export async function readRepository(): Promise<Readonly<Record<string, string>>> {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const { stdout } = await promisify(execFile)('git', args, { cwd: rootFolder, maxBuffer: bytesMax });
  const texts: Record<string, string> = {};
  for (const path of stdout.split('\0')) {
    const file = join(rootFolder, path);
    if (path === '' || !existsSync(file)) continue;
    const text = await readFile(file, 'utf8');
    if (!text.includes('\0')) texts[path] = text;
  }
  return texts;
}
