/**
 * What start.ts puts a hub process together from. Reading order: parts (what is handed on), open-bus (the state engine),
 * loops (what follows and decides), heap-growth (memory while a log is read), health (since when the hub may judge silence),
 * serve-agents, serve-people, facts (what it tells of itself), metrics; nats-config (for a bus that people run themselves).
 */
export { createHubHealth } from './health.ts';
export { startHubLoops } from './loops.ts';
export { countDecisions, defineHubMetrics, showFleet } from './metrics.ts';
export { openBus } from './open-bus.ts';
export { type HubOptions, type Parts, processNameOf } from './parts.ts';
export { serveAgents } from './serve-agents.ts';
export { servePeople } from './serve-people.ts';
