import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { commands } from './commands.ts';
import { rootFolder } from './paths.ts';
import { tasks } from './tasks.ts';

const read = (path: string): string => readFileSync(join(rootFolder, path), 'utf8');

it('starts every script of package.json through run.sh under its own name', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const names = commands.map((command) => command.name);
  for (const [name, line] of Object.entries(scripts)) {
    expect(line).toBe(`exec sh test/tools/run.sh ${name}`);
    expect(names).toContain(name);
  }
});

it('has a task for every command of that kind and no other', () => {
  const named = commands.filter((command) => command.kind === 'task').map((command) => command.name);
  expect(Object.keys(tasks).sort()).toEqual([...named].sort());
});

it('gives every program straight to Node in run.sh', () => {
  const line = /^ {2}([a-z| ]+)\)\n {4}\[ ! -f "\$root\/test\/\$name\/main\.ts"/m.exec(
    read('test/tools/run.sh'),
  );
  const direct = line?.[1]?.split('|').map((name) => name.trim());
  const programs = commands.filter((command) => command.kind === 'program').map((command) => command.name);
  expect(direct?.sort()).toEqual([...programs].sort());
});
