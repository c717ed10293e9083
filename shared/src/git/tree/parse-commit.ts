import { err, type GitId, ok, parseGitId, type Result } from '../../base/index.ts';
import type { Commit, Signature } from '../git-object.ts';

/**
 * Reads a commit object: header lines, of which those that begin with a space go on the line before, an empty line, the
 * message. Pure. The signed payload is cut out of the bytes as they are, so that a signature over it verifies.
 */
export function parseCommit(id: GitId, data: Buffer): Result<Commit, string> {
  const end = data.indexOf('\n\n');
  const headers = parseHeaders(data.toString('utf8', 0, end < 0 ? data.length : end));
  const tree = parseGitId(headers.find((header) => header.name === 'tree')?.value ?? '');
  if (!tree.ok) return err('names no tree');
  const parents: GitId[] = [];
  for (const header of headers.filter(({ name }) => name === 'parent')) {
    const parent = parseGitId(header.value);
    if (!parent.ok) return err('names a parent that is no object id');
    parents.push(parent.value);
  }
  const author = parseSignature(headers.find((header) => header.name === 'author')?.value);
  const committer = parseSignature(headers.find((header) => header.name === 'committer')?.value);
  if (author === undefined || committer === undefined) return err('names no author or committer');
  const message = end < 0 ? '' : data.toString('utf8', end + 2);
  return ok({
    id,
    tree: tree.value,
    parents,
    author,
    committer,
    message,
    ...signatureOf(headers, data, end),
  });
}

interface Header {
  readonly name: string;
  readonly value: string;
}

function parseHeaders(text: string): Header[] {
  const headers: { name: string; value: string }[] = [];
  for (const line of text.split('\n')) {
    const last = headers.at(-1);
    if (line.startsWith(' ') && last !== undefined) last.value += `\n${line.slice(1)}`;
    else {
      const space = line.indexOf(' ');
      headers.push({
        name: space < 0 ? line : line.slice(0, space),
        value: space < 0 ? '' : line.slice(space + 1),
      });
    }
  }
  return headers;
}

/** `Name <mail> seconds ±hhmm`. Names and mails are claims; odd ones are kept as they are. */
function parseSignature(text: string | undefined): Signature | undefined {
  const [, name, email, seconds, sign, hours, minutes] =
    /^(.*?) ?<(.*)> (-?[0-9]{1,12}) ([+-])([0-9]{2})([0-9]{2})$/s.exec(text ?? '') ?? [];
  if (name === undefined || email === undefined) return undefined;
  const zoneMinutes = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
  return { name, email, atSeconds: Number(seconds), zoneMinutes: zoneMinutes === 0 ? 0 : zoneMinutes };
}

/** sha-256 repositories sign under a header of their own (gitformat-signature). */
const signatureHeaders = ['gpgsig', 'gpgsig-sha256'];

function signatureOf(
  headers: readonly Header[],
  data: Buffer,
  end: number,
): Pick<Commit, 'signature' | 'signedPayload'> {
  const header = headers.find(({ name }) => signatureHeaders.includes(name));
  if (header === undefined) return {};
  return { signature: header.value, signedPayload: withoutSignatures(data, end) };
}

function withoutSignatures(data: Buffer, end: number): Buffer {
  const kept: Buffer[] = [];
  const headEnd = end < 0 ? data.length : end + 1;
  let isSignature = false;
  let at = 0;
  while (at < headEnd) {
    const feed = data.indexOf(0x0a, at);
    const next = feed < 0 || feed >= headEnd ? headEnd : feed + 1;
    const line = data.subarray(at, next);
    if (line[0] !== 0x20) isSignature = signatureHeaders.some((name) => line.indexOf(`${name} `) === 0);
    if (!isSignature) kept.push(line);
    at = next;
  }
  return Buffer.concat([...kept, data.subarray(headEnd)]);
}
