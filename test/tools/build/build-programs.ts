import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runChild } from '../child.ts';
import { isInRepository, rootFolder } from '../paths.ts';
import { writeBundle } from './bundle.ts';
import { agentRuntime, cliRuntime, hubRuntime, type Runtime } from './runtime.ts';

/** A program that is shipped, and the file it starts from. */
interface Program {
  readonly name: string;
  readonly entry: string;
  readonly runtime: Runtime;
}

/** The programs that are shipped. */
export const programs: readonly Program[] = [
  { name: 'flotilla', entry: 'hub/cli/src/main.ts', runtime: cliRuntime },
  { name: 'flotilla-hub', entry: 'hub/src/main.ts', runtime: hubRuntime },
  { name: 'flotilla-agent', entry: 'agent/src/main.ts', runtime: agentRuntime },
];

/** `npm run build [NAME...]`: writes dist/NAME for each program. Answers with the exit code. */
export async function buildPrograms(args: readonly string[], signal: AbortSignal): Promise<number> {
  const unknown = args.filter((name) => !programs.some((program) => program.name === name));
  if (unknown.length > 0) {
    process.stderr.write(`flotilla: no such program: ${unknown.join(', ')}\n`);
    return 2;
  }
  const chosen = programs.filter(({ name }) => args.length === 0 || args.includes(name));
  const version = await readVersion(signal);
  await mkdir(join(rootFolder, 'dist'), { recursive: true });
  let failed = 0;
  for (const { name, entry, runtime } of chosen) {
    signal.throwIfAborted();
    if (isInRepository(entry)) {
      const output = join(rootFolder, 'dist', name);
      const bytes = await writeBundle({ entry: join(rootFolder, entry), output, version, runtime });
      const started = await runChild(process.execPath, [output, 'version'], { output: 'capture', signal });
      if (started.code === 0) {
        process.stdout.write(`dist/${name}  ${version}  ${Math.round(bytes / 1024)} KiB\n`);
      } else {
        process.stderr.write(`flotilla: dist/${name} does not start:\n${started.stderr}`);
        failed += 1;
      }
    } else {
      process.stderr.write(`flotilla: dist/${name} was not built: ${entry} does not exist yet\n`);
      failed += 1;
    }
  }
  return failed === 0 ? 0 : 1;
}

/** `0.1.0+1a2b3c4d5e6f`, with `.dirty` when the working tree is not that commit. */
async function readVersion(signal: AbortSignal): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(rootFolder, 'package.json'), 'utf8'));
  const isRead = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  const base = isRead && typeof manifest.version === 'string' ? manifest.version : '0.0.0';
  const git = (...args: readonly string[]) =>
    runChild('git', args, { cwd: rootFolder, output: 'capture', signal });
  const commit = await git('rev-parse', '--short=12', 'HEAD');
  if (commit.code !== 0) return base;
  const changes = await git('status', '--porcelain', '--untracked-files=no');
  return `${base}+${commit.stdout.trim()}${changes.stdout.trim() === '' ? '' : '.dirty'}`;
}
