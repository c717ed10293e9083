/**
 * The agent without a hub: `render`, `apply` and `health` as commands of their own, by the same engine.
 * Reading order: settings, read-folder, source, variant, owner, tools, render, health, apply, run-alone.
 */
export { runAlone } from './run-alone.ts';
