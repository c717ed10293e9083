import fc from 'fast-check';

/** Loaded before every test file that judges mutants: equal runs for equal code, and no search for small examples. */
fc.configureGlobal({ seed: 1, endOnFailure: true });
