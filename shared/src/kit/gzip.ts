import { gunzipSync, gzipSync } from 'node:zlib';

/** gzip (RFC 1952) for status documents: level 1, because documents are small and made often. */
export const gzip = {
  deflate(bytes: Uint8Array): Uint8Array {
    return gzipSync(bytes, { level: 1 });
  },

  /** Undefined when the bytes are no gzip stream or would inflate to more than `bytesMax`. */
  inflate(bytes: Uint8Array, bytesMax: number): Uint8Array | undefined {
    try {
      return gunzipSync(bytes, { maxOutputLength: bytesMax });
    } catch {
      return undefined;
    }
  },
} as const;
