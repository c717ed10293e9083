/** What a fetch cost. */
export interface FetchStats {
  /** HTTP requests made. */
  readonly requests: number;
  /** Bytes of packs received. */
  readonly packBytes: number;
  /** Objects in those packs. */
  readonly objects: number;
}
