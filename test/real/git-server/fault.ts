/**
 * The ways in which the server can be told to misbehave. Several may hold at once, as `deny-filter` with
 * `refuse-tree-wants`.
 */
export const faults = [
  /** 401, 403, 404, 429, 500 to every request. */
  'unauthorized',
  'forbidden',
  'not-found',
  'rate-limited',
  'server-error',
  /** Takes the request and never answers. */
  'hang',
  /** Answers as it should, up to the middle of a pack, and says no more. */
  'stall-pack',
  /** 200 with the right type and no body. */
  'empty-advertisement',
  /** Ends within a line of the advertisement. */
  'truncated-advertisement',
  /** Ends the answer to ls-refs after its first line, between two lines. */
  'truncated-refs',
  /** Ends in the middle of the pack as if it were done. */
  'truncated-pack',
  /** Closes the connection in the middle of the pack. */
  'cut-pack',
  /** Changes one byte of the pack. */
  'corrupt-pack',
  /** A login page with status 200. */
  'html',
  /** The right type, but bytes that are no pkt-lines. */
  'garbage',
  /** Another type than Git's, as a file server gives it. */
  'wrong-type',
  /** Redirects to another host; to itself, with the same path; to itself, under `/moved/`. */
  'redirect-elsewhere',
  'redirect-loop',
  'redirect-moved',
  /** Answers `not our ref` to wants of anything but commits and tags, as some hosted servers do. */
  'refuse-tree-wants',
  /** The same, but serves single blobs. */
  'refuse-only-trees',
  /** Ignores the client's wish for protocol v2. */
  'protocol-v0',
  /** Stock git with `uploadpack.allowFilter=false`. */
  'deny-filter',
] as const;

/** One of them. */
export type Fault = (typeof faults)[number];

/** True for the name of a fault. */
export function isFault(text: unknown): text is Fault {
  return faults.some((fault) => fault === text);
}
