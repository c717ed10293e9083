/**
 * The agent's engine by itself, without a hub, on whatever API server and state store a test gives it. Reading order: row,
 * agent-engine.
 */
export * from './agent-engine.ts';
export { type RowParts, removalRow, rowOf } from './row.ts';
