import type { GitId } from '../../base/index.ts';
import type { ObjectFormat } from '../object-format.ts';
import { delimiterPacket, encodePacket, flushPacket } from './pkt-line.ts';

/** Our name in requests; servers log it. */
const agent = 'agent=flotilla';

/** What one `fetch` command of protocol v2 asks for. */
export interface UploadRequest {
  readonly wants: readonly GitId[];
  readonly haves?: readonly GitId[];
  /** Commits held without their parents. Named to the server so that it does not think we hold their history. */
  readonly shallows?: readonly GitId[];
  /** Commits deep; 1 is the wanted commit alone. */
  readonly depth?: number;
  /** `blob:none` or `tree:0`; only where the server offers `filter`. */
  readonly filter?: 'blob:none' | 'tree:0';
  /** Whether deltas against objects that we hold (`haves`) are welcome. */
  readonly thin?: boolean;
}

/** The body of a `fetch` command. Always ends the negotiation at once (`done`), so the answer is the pack. */
export function encodeFetch(request: UploadRequest, format: ObjectFormat): Buffer {
  const lines = ['no-progress', 'ofs-delta'];
  if (request.thin === true) lines.push('thin-pack');
  for (const id of request.shallows ?? []) lines.push(`shallow ${id}`);
  if (request.depth !== undefined) lines.push(`deepen ${request.depth}`);
  if (request.filter !== undefined) lines.push(`filter ${request.filter}`);
  for (const id of request.wants) lines.push(`want ${id}`);
  for (const id of request.haves ?? []) lines.push(`have ${id}`);
  lines.push('done');
  return encodeCommand('fetch', format, lines);
}

/** The body of an `ls-refs` command. */
export function encodeLsRefs(prefixes: readonly string[], format: ObjectFormat): Buffer {
  return encodeCommand('ls-refs', format, [
    'peel',
    'symrefs',
    ...prefixes.map((prefix) => `ref-prefix ${prefix}`),
  ]);
}

function encodeCommand(command: string, format: ObjectFormat, lines: readonly string[]): Buffer {
  return Buffer.concat([
    encodePacket(`command=${command}`),
    encodePacket(agent),
    encodePacket(`object-format=${format}`),
    delimiterPacket,
    ...lines.map((line) => encodePacket(line)),
    flushPacket,
  ]);
}
