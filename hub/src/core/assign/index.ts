/** From decisions to what each cluster is told. */
export * from './rows.ts';
