import { type FindOptions, findTool } from './find-tool.ts';
import type { FoundTool, ToolName } from './tool.ts';

/**
 * The paths of several programs by name, each found (or installed) as findTool does, one after the other.
 * A test says `const { etcd, kubectl } = await withTools('etcd', 'kubectl')`: a missing one fails the test.
 */
export async function withTools<Name extends ToolName>(
  ...names: readonly Name[]
): Promise<Readonly<Record<Name, string>>> {
  const found = await findTools(names);
  const paths = found.map((tool) => [tool.name, tool.path] as const);
  // Every name asked for has its entry, which fromEntries cannot express.
  return Object.fromEntries(paths) as Record<Name, string>;
}

/** Finds or installs several programs in the given order; the first that cannot be had throws ToolError. */
export async function findTools(
  names: readonly ToolName[],
  options: FindOptions = {},
): Promise<readonly FoundTool[]> {
  const found: FoundTool[] = [];
  for (const name of names) found.push(await findTool(name, options));
  return found;
}
