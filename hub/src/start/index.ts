/**
 * What start.ts puts a hub process together from. Reading order: open-bus (the state engine), loops (what follows and
 * decides), health (since when the hub may judge silence), facts (what it tells of itself), nats-config (for a bus that people run themselves).
 */
export { hubFacts, readiness } from './facts.ts';
export { createHubHealth, type HubHealth } from './health.ts';
export { type HubLoops, startHubLoops } from './loops.ts';
export { type HubBus, openBus } from './open-bus.ts';
