/**
 * The workspace's machinery, and the finder of outside programs that demo, tests and benchmarks use.
 *
 * Reading order: run.sh (brings Node, becomes the command) → commands.ts → run.ts → tasks.ts;
 * then finder/ (table.ts is the table, find-tool.ts the order of places), checks/ and test-run/.
 */

export { agentRuntime, hubRuntime, type Runtime } from './build/runtime.ts';
export type { FindOptions, FoundTool, Tool, ToolName, ToolOrigin } from './finder/index.ts';
export { findTool, ToolError, toolNames, tools, variableOf, withTools } from './finder/index.ts';
export { cacheFolder, rootFolder } from './paths.ts';
