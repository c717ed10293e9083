/** What a placement is at a commit, and what each cluster gets of it. Reading order: snapshot, release. */
export * from './release.ts';
export type * from './snapshot.ts';
