/** One message of an event stream. */
export interface SseMessage {
  readonly event: string;
  /** Sequence to resume from; undefined when the message has none. */
  readonly id: string | undefined;
  readonly data: string;
}

/**
 * Cuts an event stream into messages (WHATWG HTML, "Parsing an event stream"), as far as a hub uses it: `\n` line ends,
 * comments, event, id and data. Feed it chunks as they come.
 */
export class SseParser {
  #rest = '';

  /** Messages that are complete with this chunk. */
  push(chunk: string): readonly SseMessage[] {
    const blocks = (this.#rest + chunk).split('\n\n');
    this.#rest = blocks.pop() ?? '';
    return blocks.flatMap((block) => {
      const message = parseBlock(block);
      return message === undefined ? [] : [message];
    });
  }
}

function parseBlock(block: string): SseMessage | undefined {
  let event = 'message';
  let id: string | undefined;
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    if (colon < 1) continue;
    const field = line.slice(0, colon);
    const value = line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') event = value;
    if (field === 'id') id = value;
    if (field === 'data') data.push(value);
  }
  return data.length === 0 ? undefined : { event, id, data: data.join('\n') };
}
