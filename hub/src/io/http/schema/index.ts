/**
 * Everything that the API takes and gives, as schemas: requests are checked by them, the OpenAPI document is made from
 * them, and the compiler holds the answers in step with the documents of the model.
 * Reading order: wire, parts, items, answers, plan, requests.
 */
export * from './answers.ts';
export * from './items.ts';
export * from './plan.ts';
export * from './requests.ts';
export type { Wire } from './wire.ts';
export { z } from './zod.ts';
