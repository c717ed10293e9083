import { readFileSync } from 'node:fs';
import {
  adoptControl,
  judgeFiles,
  parseControlFile,
  resolvePlacements,
  type SeenFile,
  specOf,
} from '@flotilla/hub/core';
import { type GitId, ok, sha256Hex } from '@flotilla/shared/base';
import type { CommitInfo, ControlAdopted } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';

/** A control repository as it was once, and the decision that adopted it. */
function recorded(file: 'repository' | 'adopted'): unknown {
  return JSON.parse(readFileSync(new URL(`./${file}.json`, import.meta.url), 'utf8'));
}

function seen(files: { readonly [path: string]: string }): ReadonlyMap<string, SeenFile> {
  return new Map(
    Object.entries(files).map(([path, text]) => {
      const blob = sha256Hex(text).slice(0, 40) as GitId;
      return [path, { blob, parsed: parseControlFile({ path, text }, false) }];
    }),
  );
}

describe('a recorded control repository', () => {
  const repository = recorded('repository') as { readonly [path: string]: string };
  const adopted = recorded('adopted') as ControlAdopted;
  const commit: CommitInfo = adopted.commit;

  it('is adopted today as it was then: what was in force stays in force after an upgrade', () => {
    const files = judgeFiles(undefined, seen(repository), { commit: commit.id, isAccepted: false });
    if (!files.ok) throw new Error(files.error.text);
    const control = ok({ commit, ref: 'main', isFastForward: 'yes' as const, files: files.value });
    const look = { control, sources: new Map(), accepted: new Map() };
    const verdict = adoptControl(undefined, look);
    if (verdict.kind !== 'adopt') throw new Error('not adopted');
    expect(verdict.decision).toMatchObject({ commit, ref: 'main', files: adopted.files, sources: {} });
    // What is said of a mistake may get better; which files have one may not change.
    expect(Object.keys(verdict.decision.broken)).toEqual(Object.keys(adopted.broken));
    expect(adoptControl(verdict.decision, look)).toEqual({ kind: 'unchanged', held: [] });
  });

  it('still gives placements without mistakes from the files that were in force', () => {
    const inForce = [...seen(repository)].filter(([path]) => adopted.files[path] !== undefined);
    const spec = specOf(inForce.map(([, file]) => file.parsed));
    expect(spec.unreadable).toEqual([]);
    const { placements } = resolvePlacements(spec, []);
    expect(placements.map((one) => [one.spec.name, one.strategy?.name, one.errors])).toEqual([
      ['shop', 'slow', []],
    ]);
  });
});
