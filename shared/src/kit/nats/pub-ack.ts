/** JetStream's answer to a published message: stored at `seq`, or not, with JetStream's error number. */
export interface PubAck {
  readonly seq: number | undefined;
  readonly number: number | undefined;
  /** The server's words, for people; never matched on. */
  readonly text: string;
}

/** Reads `{stream, seq}` or `{error: {code, err_code, description}}` (nats-server, PubAck). Anything else has neither number. */
export function parsePubAck(data: Uint8Array): PubAck {
  const text = new TextDecoder().decode(data);
  const answer = fieldsOf(parseJson(text));
  const error = fieldsOf(answer.get('error'));
  const [seq, number] = [answer.get('seq'), error.get('err_code') ?? error.get('code')];
  return {
    seq: typeof seq === 'number' ? seq : undefined,
    number: typeof number === 'number' ? number : undefined,
    text: String(error.get('description') ?? `the answer is ${JSON.stringify(text.slice(0, 200))}`),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fieldsOf(value: unknown): ReadonlyMap<string, unknown> {
  return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);
}
