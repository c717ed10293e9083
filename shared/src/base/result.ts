/** An expected outcome of a pure function: a value or the reason there is none. */
export type Result<T, E> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: E };

/** The good outcome. */
export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

/** The expected bad outcome; not for broken invariants (assert) or failed I/O (FlotillaError). */
export function err<E>(error: E): { readonly ok: false; readonly error: E } {
  return { ok: false, error };
}
