import { readFile, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describeError } from '@flotilla/shared/base';
import { runChild } from '../child.ts';
import { findChecksum, hashFile } from './checksum.ts';
import { type DownloadLimits, downloadFile, readUrl } from './download.ts';
import type { Release } from './tool.ts';
import { NotHere, ToolError } from './tool-error.ts';
import { readZipMember } from './zip.ts';

/** What a release download needs besides the release. */
export interface ReleaseOptions {
  /** A fresh folder for the download; the caller removes it. */
  readonly scratch: string;
  /** Where the program goes when everything was right. */
  readonly target: string;
  readonly pinnedSha256: string | undefined;
  readonly limits: DownloadLimits;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Downloads a program of an official release, checks it against the checksum file of the same release (and
 * a pinned sum if there is one) and leaves it at `target`. Nothing is unpacked or kept before the sum fits.
 * NotHere: the network, the file or its checksum is not there, so another way may be tried.
 * ToolError: what came is not what the release says; that is never passed over.
 */
export async function fetchRelease(release: Release, options: ReleaseOptions): Promise<void> {
  const { scratch, limits, signal } = options;
  const fileName = basename(decodeURIComponent(new URL(release.url).pathname));
  const sums = await readUrl(release.checksumUrl, limits, signal);
  const expected = findChecksum(sums, fileName);
  if (expected === undefined) throw new NotHere(`${release.checksumUrl} has no SHA-256 for ${fileName}`);

  options.say(`downloading ${fileName}`);
  const file = join(scratch, 'download');
  await downloadFile(release.url, file, limits, signal);
  const found = await hashFile(file, signal);
  checkSum({ url: release.url, found, expected, source: release.checksumUrl });
  if (options.pinnedSha256 !== undefined) {
    checkSum({ url: release.url, found, expected: options.pinnedSha256, source: "the project's pinned sum" });
  }
  await rename(await unpack(release, file, options), options.target);
}

function checkSum(sum: { url: string; found: string; expected: string; source: string }): void {
  if (sum.found === sum.expected) return;
  throw new ToolError(
    `${sum.url} has SHA-256 ${sum.found}, but ${sum.source} says ${sum.expected}: ` +
      'the download was changed or is not the release; nothing of it was kept',
  );
}

async function unpack(release: Release, file: string, options: ReleaseOptions): Promise<string> {
  if (release.archive === 'plain') return file;
  const member = release.member ?? '';
  try {
    return await unpackers[release.archive](file, member, options);
  } catch (error) {
    options.signal.throwIfAborted();
    throw new ToolError(`${release.url} cannot be unpacked: ${describeError(error)}`, error);
  }
}

const unpackers = {
  'tar.gz': async (file: string, member: string, { scratch, signal }: ReleaseOptions): Promise<string> => {
    const args = ['-xzf', file, '-C', scratch, member];
    const outcome = await runChild('tar', args, { output: 'capture', signal });
    if (outcome.code !== 0) throw new Error(outcome.stderr.trim().split('\n')[0] ?? '');
    return join(scratch, member);
  },
  zip: async (file: string, member: string, { scratch }: ReleaseOptions): Promise<string> => {
    const path = join(scratch, 'unpacked');
    await writeFile(path, readZipMember(await readFile(file), member));
    return path;
  },
};
