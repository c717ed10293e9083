/** What people see, folded from reports and decisions. Reading order: cluster-view, fold-view, items, snapshot, make-items. */
export type * from './cluster-view.ts';
export * from './fold-view.ts';
export * from './items.ts';
export * from './make-items.ts';
export type * from './snapshot.ts';
