import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ControlInForce, judgeFiles } from './judge-files.ts';
import { commit, head, lookedAt, placementText, seen } from './spec-fixture.ts';

const paths = ['a.yaml', 'b.yaml', 'c.yaml'];
const names = ['one', 'two', 'three', 'four'];
const brokenText = `${head}kind: [`;

/** A repository: each file is absent, broken, somebody else's, or holds some placements. */
const repository = fc.dictionary(
  fc.constantFrom(...paths),
  fc.oneof(
    { weight: 1, arbitrary: fc.constant(brokenText) },
    { weight: 1, arbitrary: fc.constant('apiVersion: v1\nkind: ConfigMap\n') },
    {
      weight: 5,
      arbitrary: fc
        .record({ has: fc.subarray(names, { minLength: 1 }), drift: fc.constantFrom('correct', 'report') })
        .map(({ has, drift }) => has.map((name) => placementText(name, `  drift: ${drift}\n`)).join('---\n')),
    },
  ),
);

/** Adopts commit after commit, as the hub does; returns what is in force after each. */
function adoptAll(commits: readonly { readonly [path: string]: string }[]): readonly ControlInForce[] {
  const states: ControlInForce[] = [];
  for (const [index, files] of commits.entries()) {
    const previous = states.at(-1);
    const judged = judgeFiles(previous, seen(files), lookedAt());
    if (!judged.ok) continue;
    const adopted = {
      kind: 'control-adopted' as const,
      commit: commit(index),
      ref: 'main',
      files: {},
      broken: {},
      sources: {},
    };
    states.push({ adopted, files: judged.value.files });
  }
  return states;
}

function namesIn(state: ControlInForce | undefined): readonly string[] {
  return [...(state?.files.values() ?? [])].flatMap((file) =>
    file.parsed.documents.map((one) => one.spec.name),
  );
}

describe('whatever is committed', () => {
  it('what is in force always parses and never defines a name twice', () => {
    fc.assert(
      fc.property(fc.array(repository, { maxLength: 6 }), (commits) => {
        for (const state of adoptAll(commits)) {
          const found = namesIn(state);
          expect(new Set(found).size).toBe(found.length);
          for (const file of state.files.values()) expect(file.parsed.errors).toEqual([]);
        }
      }),
    );
  });

  it('no document goes while any file is broken, and none goes but by a commit without it', () => {
    fc.assert(
      fc.property(fc.array(repository, { minLength: 2, maxLength: 6 }), (commits) => {
        const before = adoptAll(commits.slice(0, -1)).at(-1);
        const last = commits.at(-1)!;
        const judged = judgeFiles(before, seen(last), lookedAt());
        if (!judged.ok) return;
        const after = { adopted: before?.adopted as never, files: judged.value.files };
        const gone = namesIn(before).filter((name) => !namesIn(after).includes(name));
        if (judged.value.broken.size > 0) expect(gone).toEqual([]);
        for (const name of gone) expect(Object.values(last).join()).not.toContain(`{name: ${name}}`);
      }),
      { numRuns: 300 },
    );
  });

  it('judging the same commit again changes nothing', () => {
    fc.assert(
      fc.property(fc.array(repository, { minLength: 1, maxLength: 4 }), (commits) => {
        const states = adoptAll(commits);
        const last = states.at(-1);
        const again = judgeFiles(last, seen(commits.at(-1)!), lookedAt());
        if (!last || !again.ok) return;
        const twice = judgeFiles({ ...last, files: again.value.files }, seen(commits.at(-1)!), lookedAt());
        expect(twice.ok && [...twice.value.files]).toEqual([...again.value.files]);
      }),
    );
  });
});
