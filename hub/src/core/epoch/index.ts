/** What becomes of a fleet whose log lost decisions: a new epoch, and what agents hold written down again. */
export * from './adopt-held.ts';
export * from './epoch.ts';
