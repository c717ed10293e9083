import { type GitId, seededRandom } from '@flotilla/shared/base';
import { silentLogger } from '@flotilla/shared/kit';
import { manualClock } from '@flotilla/shared/kit/manual-clock';
import type { Decision } from '@flotilla/shared/model';
import { expect, onTestFinished, test } from 'vitest';
import { memoryGit } from '../../../test/fakes/git.ts';
import { memoryGitPort } from '../../../test/fakes/git-port.ts';
import { memoryDecisionLog } from '../../../test/fakes/index.ts';
import { World } from '../core/rollout/rollout-fixture.ts';
import type { GitPort } from '../ports.ts';
import { appendDecision, controlSubject } from './append.ts';
import { ControlFiles } from './control-files.ts';
import { startControlRepo } from './control-repo.ts';
import { startHub } from './deciding-hub-fixture.ts';

const rules = (ref = '') => `
apiVersion: flotilla.dev/v1alpha1
kind: Placement
metadata: {name: shop}
spec: {source: {${ref}path: shop}, clusters: {names: [eu-1]}}
`;

/** A hub that follows a control repository with one commit; its look at a commit can be held up when the files are read. */
async function follow(text: string) {
  const control = memoryGit();
  const port = memoryGitPort(control);
  const slow = new Map<GitId, { readonly reach: () => void; readonly opened: Promise<void> }>();
  const git: GitPort = {
    ...port,
    async isAncestor(remote, older, newer, signal) {
      slow.get(newer)?.reach();
      await slow.get(newer)?.opened;
      return await port.isAncestor(remote, older, newer, signal);
    },
  };
  const first = control.commit({ 'rules.yaml': text, 'shop/a.yaml': 'a: 1\n' });
  control.commit({ 'shop/a.yaml': 'a: 1\n' }, { branch: 'release' });
  const { deps, fleet } = await startHub(memoryDecisionLog(manualClock()), new World([]));
  const remote = { url: 'https://git.example.org/fleet.git', credential: undefined, caBundlePem: undefined };
  const stopping = new AbortController();
  const looking = { ...deps, git, files: new ControlFiles(git, remote), remote, ref: 'main' };
  const loop = startControlRepo(
    { ...looking, pollIntervalMs: 30_000, random: seededRandom(1), log: silentLogger },
    stopping.signal,
  );
  onTestFinished(async () => {
    stopping.abort();
    await loop.ended;
  });
  const inForce = () => fleet.control.adopted?.commit.id;
  await expect.poll(inForce).toBe(first);
  return {
    ...{ control, deps, fleet, inForce },
    /** Every commit that came into force from now on. */
    adoptions(): readonly (GitId | undefined)[] {
      const all: (GitId | undefined)[] = [];
      fleet.onControl.add(() => all.push(inForce()));
      return all;
    },
    /** Lets a look at a commit begin; it goes on when it is told to. */
    async beginLook(commit: GitId): Promise<() => void> {
      const reached = Promise.withResolvers<void>();
      const opened = Promise.withResolvers<void>();
      slow.set(commit, { reach: reached.resolve, opened: opened.promise });
      await deps.clock.advance(60_000);
      await reached.promise;
      return () => {
        slow.delete(commit);
        opened.resolve();
      };
    },
    /** What somebody else appends. */
    async append(payload: Decision): Promise<void> {
      const { lastSeq: expectedSeq } = fleet.control;
      const decision = { subject: controlSubject, actor: deps.actor, expectedSeq, payload };
      await appendDecision(deps, { ...decision, evidence: undefined }, stopping.signal);
    },
    /** Waits for something that a later look does. */
    comes: (read: () => unknown) =>
      expect.poll(async () => {
        await deps.clock.advance(60_000);
        return read();
      }),
  };
}

test('I18: a look that another hub overtook puts no older commit over the newer one', async () => {
  const hub = await follow(rules());
  const older = hub.control.commit({ 'rules.yaml': rules(), 'shop/a.yaml': 'a: 2\n' });
  const goOn = await hub.beginLook(older);
  const newer = hub.control.commit({ 'rules.yaml': `${rules()}# newer\n`, 'shop/a.yaml': 'a: 3\n' });
  const { adopted = expect.fail() } = hub.fleet.control;
  await hub.append({ ...adopted, commit: { ...adopted.commit, id: newer } });

  const adoptions = hub.adoptions();
  goOn();
  const blob = adopted.files['rules.yaml'];
  await hub.comes(() => hub.fleet.control.adopted?.files['rules.yaml']).not.toBe(blob);
  expect(hub.inForce()).toBe(newer);
  expect(adoptions).not.toContain(older);
});

test('a yes that comes while a look is under way is acted on at the next one', async () => {
  const hub = await follow(rules());
  const empty = hub.control.commit({ 'README.md': 'nothing\n' });
  const goOn = await hub.beginLook(empty);
  await hub.append({ kind: 'source-accepted', source: 'control', ref: 'main', commit: empty });
  goOn();
  await hub.comes(hub.inForce).toBe(empty);
});

test('another branch of the control repository that moves on is noticed though the followed one does not', async () => {
  const hub = await follow(rules('ref: release, '));
  const next = hub.control.commit({ 'shop/a.yaml': 'a: 2\n' }, { branch: 'release' });
  await hub.comes(() => hub.fleet.control.adopted?.sources['control release']?.id).toBe(next);
  const last = hub.control.commit({ 'shop/a.yaml': 'a: 3\n' }, { branch: 'release' });
  await hub.comes(() => hub.fleet.control.adopted?.sources['control release']?.id).toBe(last);
});
