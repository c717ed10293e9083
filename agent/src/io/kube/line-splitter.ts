import { limits } from '@flotilla/shared/base';

const newline = 0x0a;

/** A line grew past its bound. */
export class LineTooLongError extends Error {
  override readonly name = 'LineTooLongError';
}

/** Cuts a stream of byte chunks into lines of text. */
export interface LineSplitter {
  /** The lines that a chunk completes. Throws LineTooLongError. */
  push(chunk: Uint8Array): readonly string[];
}

/** A splitter that joins the pieces of a line once, when it is complete, and keeps at most `bytesMax` of one. */
export function createLineSplitter(bytesMax: number = limits.kubeWatchLineBytesMax): LineSplitter {
  let pieces: Uint8Array[] = [];
  let size = 0;

  function keep(piece: Uint8Array): void {
    size += piece.length;
    if (size > bytesMax) throw new LineTooLongError(`a line is longer than ${bytesMax} bytes`);
    if (piece.length > 0) pieces.push(piece);
  }

  return {
    push(chunk) {
      const lines: string[] = [];
      let start = 0;
      for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
        keep(chunk.subarray(start, end));
        const line = Buffer.concat(pieces).toString('utf8');
        if (line !== '') lines.push(line);
        pieces = [];
        size = 0;
        start = end + 1;
      }
      keep(chunk.subarray(start));
      return lines;
    },
  };
}
