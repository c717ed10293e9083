import type { Buffer } from 'node:buffer';

/** Reads what RFC 4251 calls strings, one after the other: four bytes of length, then the bytes. */
export interface SshStrings {
  /** Undefined when there is no whole one left. */
  next(): Buffer | undefined;
  uint32(): number | undefined;
  /** Everything that was not read. */
  left(): Buffer;
}

/** Starts at the beginning of the bytes. */
export function sshStrings(data: Buffer): SshStrings {
  let at = 0;
  function uint32(): number | undefined {
    if (at + 4 > data.length) return undefined;
    at += 4;
    return data.readUInt32BE(at - 4);
  }
  return {
    uint32,
    next() {
      const length = uint32();
      if (length === undefined || at + length > data.length) return undefined;
      at += length;
      return data.subarray(at - length, at);
    },
    left: () => data.subarray(at),
  };
}
