import { ok, shortId } from '@flotilla/shared/base';
import type { ControlAdopted } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { adoptControl, type ControlSeen, followedRefs, type SeenRef } from './adopt.ts';
import { type ControlInForce, errorsOfPlacement, type JudgedFiles, judgeFiles } from './judge-files.ts';
import { blobOf, commit, head, lookedAt, placementText, seen } from './spec-fixture.ts';

function judge(
  previous: ControlInForce | undefined,
  files: { readonly [path: string]: string },
): JudgedFiles {
  const judged = judgeFiles(previous, seen(files), lookedAt());
  if (!judged.ok) throw new Error(judged.error.text);
  return judged.value;
}

/** What is in force after these files were adopted. */
function inForce(files: { readonly [path: string]: string }): ControlInForce {
  const judged = judge(undefined, files);
  const verdict = adoptControl(undefined, controlSeen(1, judged));
  if (verdict.kind !== 'adopt') throw new Error('not adopted');
  return { adopted: verdict.decision, files: judged.files };
}

function controlSeen(number: number, files: JudgedFiles, change: Partial<ControlSeen> = {}): ControlSeen {
  return {
    control: ok({ commit: commit(number), ref: 'main', isFastForward: 'yes', files }),
    sources: new Map(),
    accepted: new Map(),
    ...change,
  };
}

const a = placementText('a');
const b = placementText('b');

describe('judgeFiles', () => {
  it('takes every file of a repository without mistakes', () => {
    const judged = judge(undefined, { 'a.yaml': a, 'b.yaml': b });
    expect(judged).toMatchObject({ isWhole: true, errors: [] });
    expect(judged.spec.placements.map((one) => one.name)).toEqual(['a', 'b']);
  });

  it('keeps the last good state of a file that does not parse, and takes the others', () => {
    const changed = placementText('b', '  drift: report\n');
    const judged = judge(inForce({ 'a.yaml': a, 'b.yaml': b }), {
      'a.yaml': `${head}x: [`,
      'b.yaml': changed,
    });
    expect(judged.files.get('a.yaml')?.blob).toBe(blobOf(a));
    expect(judged.files.get('b.yaml')?.blob).toBe(blobOf(changed));
    expect([...judged.broken.keys()]).toEqual(['a.yaml']);
    expect(judged.isWhole).toBe(false);
    expect(errorsOfPlacement(judged, 'a')).toHaveLength(1);
    expect(errorsOfPlacement(judged, 'b')).toEqual([]);
  });

  it('lets a file go when the whole tree parses', () => {
    const judged = judge(inForce({ 'a.yaml': a, 'b.yaml': b }), { 'b.yaml': b });
    expect(judged.spec.placements.map((one) => one.name)).toEqual(['b']);
    expect(judged.isWhole).toBe(true);
  });

  it('does not let a file go while another does not parse', () => {
    const judged = judge(inForce({ 'a.yaml': a, 'b.yaml': b }), { 'b.yaml': `${head}x: [` });
    expect(judged.spec.placements.map((one) => one.name)).toEqual(['a', 'b']);
    expect(judged.broken.get('a.yaml')).toMatchObject({ code: 'REMOVAL_WAITS', document: { name: 'a' } });
    expect(judged.broken.get('a.yaml')?.text).toContain('b.yaml is not');
  });

  it('does not let one document of a file go while another file does not parse', () => {
    const before = inForce({ 'a.yaml': `${a}---\n${b}`, 'c.yaml': placementText('c') });
    const judged = judge(before, { 'a.yaml': a, 'c.yaml': `${head}x: [` });
    expect(judged.files.get('a.yaml')?.blob).toBe(blobOf(`${a}---\n${b}`));
    expect(judged.spec.placements.map((one) => one.name)).toEqual(['a', 'b', 'c']);
  });

  it('blames the file that brought a name a second time, and keeps its last state', () => {
    const judged = judge(inForce({ 'a.yaml': a, 'b.yaml': b }), { 'a.yaml': a, 'b.yaml': b, 'c.yaml': a });
    expect([...judged.broken.keys()]).toEqual(['c.yaml']);
    expect(judged.broken.get('c.yaml')).toMatchObject({ code: 'DUPLICATE_NAME', line: 1 });
    expect(judged.broken.get('c.yaml')?.text).toContain('also defined at a.yaml:1');
    expect(judged.spec.placements.map((one) => one.at.file)).toEqual(['a.yaml', 'b.yaml']);
  });

  it('moves a document from one file to another', () => {
    const judged = judge(inForce({ 'a.yaml': a, 'b.yaml': b }), { 'moved.yaml': a, 'b.yaml': b });
    expect(judged.isWhole).toBe(true);
    expect(judged.spec.placements.map((one) => one.at.file)).toEqual(['moved.yaml', 'b.yaml']);
  });

  it('knows one policy for a fleet', () => {
    const policy = (name: string) => `${head}kind: FleetPolicy\nmetadata: {name: ${name}}\nspec: {}\n`;
    const judged = judge(undefined, { 'p.yaml': policy('one'), 'q.yaml': policy('two') });
    expect([...judged.broken.values()].map((one) => one.code)).toEqual(['DUPLICATE_NAME', 'DUPLICATE_NAME']);
    expect(judged.spec.policies).toEqual([]);
  });

  it('holds a repository that lost everything, until a person accepts it', () => {
    const before = inForce({ 'a.yaml': a });
    const held = judgeFiles(before, seen({ 'other.yaml': 'apiVersion: v1\nkind: ConfigMap\n' }), lookedAt(2));
    expect(held).toMatchObject({ ok: false, error: { code: 'Emptied', subject: 'control' } });
    expect(!held.ok && held.error.text).toContain(`flotilla source accept control ${commit(2).id}`);
    expect(judgeFiles(before, new Map(), { ...lookedAt(2), isAccepted: true })).toMatchObject({
      ok: true,
      value: { isWhole: true },
    });
  });

  it('says that a file in force which this program cannot read leaves the spec incomplete', () => {
    const before = inForce({ 'a.yaml': a, 'b.yaml': b });
    const judged = judge(before, { 'a.yaml': `${head}x: [`, 'b.yaml': b });
    const odd = new Map(judged.files).set('a.yaml', seen({ 'a.yaml': `${head}x: [` }).get('a.yaml')!);
    const again = judgeFiles({ adopted: before.adopted, files: odd }, odd, lookedAt());
    expect(again).toMatchObject({ ok: true, value: { isWhole: false, spec: { unreadable: ['a.yaml'] } } });
  });
});

describe('adoptControl', () => {
  const files = judge(undefined, { 'a.yaml': a });

  it('adopts a commit with the blob of every file', () => {
    expect(adoptControl(undefined, controlSeen(1, files))).toMatchObject({
      kind: 'adopt',
      held: [],
      decision: { commit: { id: commit(1).id }, ref: 'main', files: { 'a.yaml': blobOf(a) }, broken: {} },
    });
  });

  it('says nothing new when it is the same', () => {
    const { adopted } = inForce({ 'a.yaml': a });
    expect(adoptControl(adopted, controlSeen(1, files))).toEqual({ kind: 'unchanged', held: [] });
  });

  it('says nothing new when another program knew more, or less, of the same commit', () => {
    const { adopted } = inForce({ 'a.yaml': a });
    const known = adopted && { ...adopted, commit: { ...adopted.commit, signature: 'ssh' as const } };
    expect(adoptControl(known, controlSeen(1, files)).kind).toBe('unchanged');
  });

  it.each(['no', 'unknown'] as const)(
    'holds a rewritten branch (fast forward: %s) until it is accepted',
    (isFastForward) => {
      const { adopted } = inForce({ 'a.yaml': a });
      const control = ok({ commit: commit(2), ref: 'main', isFastForward, files });
      const held = adoptControl(adopted, controlSeen(2, files, { control }));
      expect(held).toMatchObject({ kind: 'unchanged', held: [{ code: 'NotFastForward' }] });
      expect(held.held[0]?.text).toContain(`flotilla source accept control ${commit(2).id}`);
      const accepted = new Map([['control', new Set([commit(2).id])]]);
      expect(adoptControl(adopted, controlSeen(2, files, { control, accepted })).kind).toBe('adopt');
    },
  );

  it('keeps everything when the repository cannot be read', () => {
    const { adopted } = inForce({ 'a.yaml': a });
    const error = { code: 'GitUnavailable', text: 'the server answers 401', subject: 'control' };
    const control = { ok: false, error } as const;
    expect(adoptControl(adopted, controlSeen(2, files, { control }))).toEqual({
      kind: 'unchanged',
      held: [error],
    });
    expect(adoptControl(undefined, controlSeen(2, files, { control })).kind).toBe('unchanged');
  });

  it('writes down what is broken, with its place', () => {
    const broken = judge(inForce({ 'a.yaml': a }), { 'a.yaml': `${head}x: [` });
    const { adopted } = inForce({ 'a.yaml': a });
    const verdict = adoptControl(adopted, controlSeen(2, broken));
    expect(verdict.kind === 'adopt' && verdict.decision.broken['a.yaml']).toContain('a.yaml:2:');
  });

  describe('sources', () => {
    const adoptedWith = (number: number): ControlAdopted => ({
      ...inForce({ 'a.yaml': a }).adopted,
      sources: { 'apps main': commit(number) },
    });
    const see = (ref: SeenRef) => new Map([['apps main', ref]]);

    it('move forward with their own commits', () => {
      const ref = { commit: commit(11), problem: '', isFastForward: 'yes' } as const;
      const verdict = adoptControl(adoptedWith(10), controlSeen(1, files, { sources: see(ref) }));
      expect(verdict.kind === 'adopt' && verdict.decision.sources).toEqual({ 'apps main': commit(11) });
    });

    it.each([
      ['no', `main was rewritten: ${shortId(commit(11).id)} does not follow ${shortId(commit(10).id)}`],
      [
        'unknown',
        `it is not known whether ${shortId(commit(11).id)} of main follows ${shortId(commit(10).id)}`,
      ],
    ] as const)(
      'stay when it is not certain that they moved forward (%s), until their very commit is accepted',
      (isFastForward, why) => {
        const sources = see({ commit: commit(11), problem: '', isFastForward });
        const accepting = (source: string, number: number) => {
          const accepted = new Map([[source, new Set([commit(number).id])]]);
          return adoptControl(adoptedWith(10), controlSeen(1, files, { sources, accepted }));
        };
        const text = `${why}; the last state stays until a person accepts it: flotilla source accept apps ${commit(11).id}`;
        const held = { kind: 'unchanged', held: [{ code: 'NotFastForward', subject: 'apps', text }] };

        expect(adoptControl(adoptedWith(10), controlSeen(1, files, { sources }))).toEqual(held);
        expect(accepting('apps', 12)).toEqual(held);
        expect(accepting('control', 11)).toEqual(held);
        expect(accepting('apps', 11)).toMatchObject({
          kind: 'adopt',
          held: [],
          decision: { sources: { 'apps main': commit(11) } },
        });
      },
    );

    it('that did not move need no word of their history', () => {
      const sources = see({ commit: commit(10), problem: '', isFastForward: 'unknown' });
      expect(adoptControl(adoptedWith(10), controlSeen(1, files, { sources })).held).toEqual([]);
    });

    it('stay where they are when they cannot be read', () => {
      const gone = { commit: undefined, problem: 'branch main is gone', isFastForward: 'unknown' } as const;
      const verdict = adoptControl(adoptedWith(10), controlSeen(1, files, { sources: see(gone) }));
      const text = `branch main is gone; commit ${commit(10).id.slice(0, 12)} stays in force`;
      const reason = { code: 'SourceUnavailable', subject: 'apps main', text };
      expect(verdict).toEqual({ kind: 'unchanged', held: [reason] });
    });

    it('stay when the control repository is held', () => {
      const error = { code: 'Emptied', text: 'emptied', subject: 'control' };
      const control = { ok: false, error } as const;
      const verdict = adoptControl(adoptedWith(10), controlSeen(2, files, { control }));
      expect(verdict).toEqual({ kind: 'unchanged', held: [error] });
    });
  });
});

describe('followedRefs', () => {
  it('names what placements need besides the control repository s own ref', () => {
    const source = `${head}kind: Source\nmetadata: {name: apps}\nspec: {url: "https://git.example.com/a.git"}\n`;
    const from = (name: string, where: string) =>
      placementText(name).replace(`{path: apps/${name}}`, `{path: x, ${where}}`);
    const { spec } = judge(undefined, {
      'a.yaml': a,
      'b.yaml': from('b', 'ref: stable'),
      'c.yaml': from('c', 'repo: apps'),
      'd.yaml': from('d', 'repo: apps, ref: v1'),
      'e.yaml': from('e', 'repo: nowhere'),
      's.yaml': source,
    });
    expect(followedRefs(spec).map((one) => one.key)).toEqual(['apps HEAD', 'apps v1', 'control stable']);
  });
});
