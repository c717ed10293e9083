import { describeCommands, findCommand } from './commands.ts';
import { isInRepository } from './paths.ts';
import { signalOfProcess } from './process-signal.ts';
import { tasks } from './tasks.ts';

async function run(name: string, args: readonly string[], signal: AbortSignal): Promise<number> {
  const command = findCommand(name);
  if (command === undefined) {
    const complaint = name === '' ? 'no command named' : `unknown command ${name}`;
    process.stderr.write(`flotilla: ${complaint}\n${describeCommands()}`);
    return 2;
  }
  if (command.kind === 'program') {
    const path = `test/${name}/main.ts`;
    const reason = isInRepository(path) ? `start it through test/tools/run.sh` : `${path} does not exist yet`;
    process.stderr.write(`flotilla: ${name} cannot run: ${reason}\n`);
    return 2;
  }
  const task = tasks[name];
  if (task === undefined) throw new Error(`command ${name} has no task in test/tools/tasks.ts`);
  return task(args, signal);
}

const signal = signalOfProcess();
const [name = '', ...args] = process.argv.slice(2);
try {
  const code = await run(name, args, signal);
  process.exitCode ||= code;
} catch (error) {
  if (!signal.aborted) throw error;
}
