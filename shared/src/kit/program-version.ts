declare const FLOTILLA_VERSION: string | undefined;

/**
 * The version of the running program, for `version` commands, logs and reports: `0.1.0+1a2b3c4d5e6f` in a
 * built file (package.json and commit, written in by `npm run build`), `0.0.0+source` when run from sources.
 */
export const programVersion: string =
  typeof FLOTILLA_VERSION === 'string' ? FLOTILLA_VERSION : '0.0.0+source';
