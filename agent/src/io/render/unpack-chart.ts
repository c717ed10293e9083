import { posix } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { limits } from '@flotilla/shared/base';
import type { ContentFile } from '../../ports.ts';
import { RenderError } from './render-error.ts';
import { inside } from './render-folder.ts';

/**
 * The files of a packed chart (a tar in gzip, POSIX.1-2001 with pax headers, as Go's archive/tar writes it), at their paths
 * beside the archive. Links and devices are refused, and so is what would lie elsewhere.
 */
export function unpackChart(archive: ContentFile): readonly ContentFile[] {
  const folder = posix.dirname(archive.path);
  const files: ContentFile[] = [];
  for (const entry of entriesOf(inflate(archive), archive.path)) {
    if (inside(entry.name) !== entry.name.replace(/^\.\//, ''))
      throw refused(archive.path, `has an entry ${JSON.stringify(entry.name)}, whose path is not clean`);
    files.push({ path: posix.join(folder, entry.name), bytes: entry.bytes });
  }
  if (files.length === 0) throw refused(archive.path, 'holds no file');
  return files;
}

function inflate({ path, bytes }: ContentFile): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: limits.chartArchiveBytesMax });
  } catch (error) {
    const isTooLarge = error instanceof RangeError;
    throw refused(
      path,
      isTooLarge
        ? `unpacks to more than ${limits.chartArchiveBytesMax} bytes`
        : 'is not a chart in a gzip archive',
    );
  }
}

const blockBytes = 512;

interface Entry {
  readonly name: string;
  readonly bytes: Uint8Array;
}

function* entriesOf(tar: Buffer, path: string): Generator<Entry> {
  let longName: string | undefined;
  for (let at = 0; at + blockBytes <= tar.length; ) {
    const header = tar.subarray(at, at + blockBytes);
    if (header.every((byte) => byte === 0)) return;
    const size = sizeIn(header, path);
    const body = tar.subarray(at + blockBytes, at + blockBytes + size);
    if (body.length < size) throw refused(path, 'ends within a file');
    at += blockBytes + Math.ceil(size / blockBytes) * blockBytes;
    const type = String.fromCharCode(header[156] ?? 0);
    if (type === 'x') longName = paxPath(body.toString('utf8')) ?? longName;
    else if (type === 'L') longName = textIn(body);
    else if (type === '0' || type === '\0') {
      yield { name: longName ?? nameIn(header), bytes: body };
      longName = undefined;
    } else if (type === '5' || type === 'g') longName = undefined;
    else throw refused(path, `has an entry ${JSON.stringify(nameIn(header))} that is no plain file`);
  }
}

function sizeIn(header: Buffer, path: string): number {
  const text = textIn(header.subarray(124, 136)).trim();
  if (!/^[0-7]{1,11}$/.test(text)) throw refused(path, 'is not a tar archive');
  return Number.parseInt(text, 8);
}

function nameIn(header: Buffer): string {
  const prefix = textIn(header.subarray(257, 262)) === 'ustar' ? textIn(header.subarray(345, 500)) : '';
  const name = textIn(header.subarray(0, 100));
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** `LENGTH path=VALUE\n` among the records of a pax header. */
function paxPath(text: string): string | undefined {
  return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(text)?.[1];
}

function textIn(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
}

function refused(path: string, what: string): RenderError {
  return new RenderError(`${path} ${what}`, { code: 'RENDER_REFUSED', retry: 'never' });
}
