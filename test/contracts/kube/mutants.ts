/** One deliberate break of the simulated cluster, and the case that must notice it. */
export interface Mutant {
  readonly name: string;
  /** File below agent/src/io/kube-simulated. */
  readonly file: string;
  /** Text that occurs exactly once in the file. */
  readonly from: string;
  readonly to: string;
  /** Name of a case of the suite that must fail. */
  readonly caughtBy: string;
}

/** Breaks of the kind that a change of the simulator could make. */
export const mutants: readonly Mutant[] = [
  {
    name: 'conflicts are overlooked',
    file: 'core/managed/ownership.ts',
    from: '!input.isForced && conflicts.length > 0',
    to: 'false',
    caughtBy: 'a changed field of another manager is a conflict that names it',
  },
  {
    name: 'keyed lists are replaced as a whole',
    file: 'core/fields/shape.ts',
    from: "type.relation === 'atomic' ? 'leaf' : 'items'",
    to: "'leaf'",
    caughtBy: 'containers are merged by name',
  },
  {
    name: 'fields that are no longer applied stay',
    file: 'core/managed/ownership.ts',
    from: 'last === undefined ? merged : prune(',
    to: 'true ? merged : prune(',
    caughtBy: 'a field that is no longer applied goes',
  },
  {
    name: 'the uid of a delete is not looked at',
    file: 'core/remove.ts',
    from: 'options.uid !== undefined && options.uid !== uid',
    to: 'false',
    caughtBy: 'another uid refuses the delete',
  },
  {
    name: 'a dry run stores',
    file: 'core/write/replace.ts',
    from: 'if (options.isDryRun)',
    to: 'if (false)',
    caughtBy: 'a dry run answers like a write and stores nothing',
  },
  {
    name: 'every write takes a version',
    file: 'core/write/replace.ts',
    from: 'if (isEqual(next, live))',
    to: 'if (false)',
    caughtBy: 'the same apply again takes no version',
  },
  {
    name: 'forgotten versions can be watched from',
    file: 'watch-events.ts',
    from: 'position < state.store.oldestVersion',
    to: 'false',
    caughtBy: 'a version that is too old is Expired',
  },
  {
    name: 'an object that leaves a selection is not reported',
    file: 'watch-events.ts',
    from: 'if (!wasIn || change.previous === undefined) return undefined;',
    to: "if (change.type !== 'deleted' || change.previous === undefined) return undefined;",
    caughtBy: 'an object that leaves a selection is deleted for it, one that enters is added',
  },
  {
    name: 'every image runs',
    file: 'core/controllers/node.ts',
    from: "hasTag(image, 'broken')",
    to: "hasTag(image, 'never')",
    caughtBy: 'an image that does not exist keeps a Deployment from becoming available',
  },
  {
    name: 'what a deleted object owned stays',
    file: 'core/controllers/garbage.ts',
    from: 'remove(context, kind, object);\n  }\n  for (const',
    to: '}\n  for (const',
    caughtBy: 'what a deleted object owned goes in the background',
  },
];
