/**
 * Finds the outside programs that demo, tests and benchmarks start, and installs those that are missing.
 *
 * Reading order: table.ts (what there is), find-tool.ts (the order of places), then the two places that install:
 * install-release.ts over download.ts and checksum.ts, and go-build.ts; install-lock.ts keeps two runs apart.
 */
export type { FindOptions, Peek } from './find-tool.ts';
export { findTool, peekTool, variableOf } from './find-tool.ts';
export { toolNamed, toolNames, tools } from './table.ts';
export type { FoundTool, Tool, ToolName, ToolOrigin } from './tool.ts';
export { ToolError } from './tool-error.ts';
export { findTools, withTools } from './with-tools.ts';
