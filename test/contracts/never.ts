/** A signal that nobody raises. */
export const never = new AbortController().signal;
