/** What a fetch cost. */
export interface FetchStats {
  /** HTTP requests made, beside the one that asks once what the server can do. */
  readonly requests: number;
  /** Bytes of packs received. */
  readonly packBytes: number;
  /** Objects in those packs. */
  readonly objects: number;
}
