/**
 * Lists: pure functions from the hub's items to the page that a reader asked for.
 * Reading order: selector, item-fields, count, list-page, continue-token, fleet-status, warnings.
 */
export * from './continue-token.ts';
export * from './fleet-status.ts';
export { fieldNames, parseFieldSelector, parseLabelSelector } from './item-fields.ts';
export * from './list-page.ts';
export * from './warnings.ts';
