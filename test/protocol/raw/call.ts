import { type ClientDuplexStream, type ServerDuplexStream, type StatusObject, status } from '@grpc/grpc-js';

/** What came over one stream: a frame, or its end. */
export type Arrival<Frame> =
  | { readonly kind: 'frame'; readonly frame: Frame }
  | { readonly kind: 'end'; readonly status: string };

/** One stream as a script sees it. */
export interface RawStream<Sent, Heard> {
  send(frame: Sent): void;
  /** Sends bytes that need not be a frame. */
  sendBytes(bytes: Uint8Array): void;
  /** The next frame, or the end; rejects when neither comes in time. */
  next(): Promise<Arrival<Heard>>;
  /** Whether the other side has ended it. */
  isOver(): boolean;
  /** Ends it from this side. */
  close(): void;
}

/** Nothing in a script takes this long; it only keeps a broken test from hanging. */
const patienceMs = 20_000;

/** How frames become bytes and back. */
export interface FrameBytes<Sent, Heard> {
  readonly encode: (frame: Sent) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => Heard;
}

type Call = ClientDuplexStream<Buffer, Buffer> | ServerDuplexStream<Buffer, Buffer>;

/** Puts what comes in line, so that a script can take it one by one. */
export function rawStream<Sent, Heard>(call: Call, bytes: FrameBytes<Sent, Heard>): RawStream<Sent, Heard> {
  const line: Arrival<Heard>[] = [];
  const waiting: ((arrival: Arrival<Heard>) => void)[] = [];
  let isOver = false;

  function put(arrival: Arrival<Heard>): void {
    if (isOver) return;
    if (arrival.kind === 'end') isOver = true;
    const first = waiting.shift();
    if (first === undefined) line.push(arrival);
    else first(arrival);
  }

  call.on('data', (data: Buffer) => put({ kind: 'frame', frame: bytes.decode(data) }));
  call.on('error', (error: Error & { readonly code?: number }) =>
    put({ kind: 'end', status: status[error.code ?? status.UNKNOWN] ?? 'UNKNOWN' }),
  );
  call.on('status', ({ code }: StatusObject) => put({ kind: 'end', status: status[code] ?? 'UNKNOWN' }));
  // At the serving end there is no status to hear; the other side simply leaves.
  call.on('end', () => {
    if (!('getDeadline' in call)) return;
    put({ kind: 'end', status: 'LEFT' });
  });
  call.on('cancelled', () => put({ kind: 'end', status: 'LEFT' }));

  return {
    send: (frame) => void call.write(Buffer.from(bytes.encode(frame))),
    sendBytes: (raw) => void call.write(Buffer.from(raw)),
    next() {
      const first = line.shift();
      if (first !== undefined) return Promise.resolve(first);
      if (isOver) return Promise.resolve({ kind: 'end', status: 'OVER' });
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error('nothing came on the stream')), patienceMs);
        waiting.push((arrival) => {
          clearTimeout(timer);
          resolve(arrival);
        });
      });
    },
    isOver: () => isOver,
    close: () => call.end(),
  };
}
