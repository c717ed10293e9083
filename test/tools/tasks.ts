import { type ChildOutcome, runChild } from './child.ts';
import { packageCommand, rootFolder } from './paths.ts';

/** A task of the dispatcher: takes the command's arguments, answers with the exit code. */
export type Task = (args: readonly string[], signal: AbortSignal) => Promise<number>;

/** Every command of kind `task`; each loads only what it needs, so that all start at once. */
export const tasks: Readonly<Record<string, Task>> = {
  build: async (args, signal) => (await import('./build/build-programs.ts')).buildPrograms(args, signal),
  check: async (args, signal) => (await import('./checks/run-checks.ts')).checkRepository(args, signal),
  fix: async (args, signal) => {
    const outcome = await show('biome', ['check', '--write', '--diagnostic-level=error', ...args], signal);
    return outcome.code;
  },
  generate: async (args, signal) => {
    const { generateCode } = await import('./checks/generated-code.ts');
    const failure = await generateCode(args.includes('--accept-breaking'), signal);
    process.stderr.write(failure === undefined ? 'proto/gen is in step\n' : `${failure}\n`);
    return failure === undefined ? 0 : 1;
  },
  test: async (_args, signal) => (await import('./test-run/run-tests.ts')).runTests('ci', signal),
  'test:all': async (_args, signal) => (await import('./test-run/run-tests.ts')).runTests('all', signal),
  'test:unit': (args, signal) => runProject('unit', args, signal),
  'test:real': (args, signal) => runProject('real', args, signal),
  e2e: (args, signal) => runProject('e2e', args, signal),
};

async function runProject(project: string, args: readonly string[], signal: AbortSignal): Promise<number> {
  const outcome = await show('vitest', ['run', '--project', project, ...args], signal);
  return outcome.code;
}

function show(program: string, args: readonly string[], signal: AbortSignal): Promise<ChildOutcome> {
  return runChild(packageCommand(program), args, { cwd: rootFolder, output: 'show', signal });
}
