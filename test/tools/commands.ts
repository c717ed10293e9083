/** How a command of the project is run. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly about: string;
  /**
   * `program`: test/NAME/main.ts, which run.sh gives to Node directly so that nothing else stays resident;
   * `task`: a task of test/tools/run.ts.
   */
  readonly kind: 'program' | 'task';
}

/** Every command that `npm run NAME -- ARGS` and `pnpm NAME ARGS` know, in the order people meet them. */
export const commands: readonly Command[] = [
  { name: 'demo', kind: 'program', about: 'bare machine to running fleet (--smoke --json, --real N)' },
  { name: 'test', kind: 'task', about: 'everything that belongs to CI; ends with "N passed, N failed"' },
  { name: 'check', kind: 'task', about: 'format, lint, types, generated code in step, tidy' },
  { name: 'fix', kind: 'task', about: 'format and repair what the linter can repair' },
  { name: 'generate', kind: 'task', about: 'regenerate proto/gen from the .proto files' },
  { name: 'test:unit', kind: 'task', about: 'unit and property tests [FILTER...]' },
  { name: 'test:real', kind: 'task', about: 'adapters against real servers [FILTER...]' },
  { name: 'e2e', kind: 'task', about: 'journeys over hub, agents and real control planes [FILTER...]' },
  { name: 'test:all', kind: 'task', about: 'like test, with every long suite in full' },
  {
    name: 'build',
    kind: 'task',
    about: 'the single files flotilla, flotilla-hub, flotilla-agent into dist/',
  },
  { name: 'tools', kind: 'program', about: 'find or install the outside programs [NAME...] (--list)' },
  { name: 'bench', kind: 'program', about: 'measurements: NAME [--json]' },
  {
    name: 'sim',
    kind: 'program',
    about: 'randomized simulation of a whole fleet (--seeds N, --from S, --seed S --trace)',
  },
  { name: 'faults', kind: 'program', about: 'process-level fault scenarios [Sn...]' },
  { name: 'mutants', kind: 'program', about: 'one-line breaks of the core that named tests must catch' },
  {
    name: 'conformance',
    kind: 'program',
    about: 'differential run against kubectl over real manifests: FOLDER',
  },
];

/** The command of that name, if there is one. */
export function findCommand(name: string): Command | undefined {
  return commands.find((command) => command.name === name);
}

/** The list of commands as people read it. */
export function describeCommands(): string {
  const width = Math.max(...commands.map((command) => command.name.length));
  const lines = commands.map((command) => `  ${command.name.padEnd(width)}  ${command.about}`);
  return ['usage: npm run NAME -- [ARGS...]', '', ...lines, ''].join('\n');
}
