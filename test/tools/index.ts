/**
 * The workspace's machinery, and the finder of outside programs that demo, tests and benchmarks use.
 *
 * Reading order: run.sh (brings Node, becomes the command) → commands.ts → run.ts → tasks.ts;
 * then finder/ (table.ts is the table, find-tool.ts the order of places), checks/ and test-run/.
 */
export type { FindOptions } from './finder/find-tool.ts';
export { findTool, variableOf } from './finder/find-tool.ts';
export { toolNames, tools } from './finder/table.ts';
export type { FoundTool, Tool, ToolName, ToolOrigin } from './finder/tool.ts';
export { ToolError } from './finder/tool-error.ts';
export { withTools } from './finder/with-tools.ts';
export { cacheFolder, rootFolder } from './paths.ts';
