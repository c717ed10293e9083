import { FlotillaError, type GitId, seededRandom } from '@flotilla/shared/base';
import { silentLogger } from '@flotilla/shared/kit';
import { manualClock } from '@flotilla/shared/kit/manual-clock';
import { expect, onTestFinished, test } from 'vitest';
import { memoryGit } from '../../../test/fakes/git.ts';
import { memoryGitPort } from '../../../test/fakes/git-port.ts';
import { memoryDecisionLog } from '../../../test/fakes/index.ts';
import { World } from '../core/rollout/rollout-fixture.ts';
import type { GitPort } from '../ports.ts';
import { ControlFiles } from './control-files.ts';
import { startControlRepo } from './control-repo.ts';
import { startHub } from './deciding-hub-fixture.ts';
import { noCommitText } from './unresolved.ts';

const controlUrl = 'https://git.example.org/fleet.git';
const fingerprint = 'SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU';
const rules = `
apiVersion: flotilla.dev/v1alpha1
kind: Source
metadata: {name: apps}
spec: {url: "https://git.example.org/apps.git", verify: {signers: ["${fingerprint}"]}}
---
apiVersion: flotilla.dev/v1alpha1
kind: Placement
metadata: {name: shop}
spec: {source: {repo: apps, ref: main, path: shop}, clusters: {names: [eu-1]}}
`;

const signatureFailure = { code: 'GIT_SIGNATURE', retry: 'never', advice: 'sign it' } as const;

/** A hub that follows a control repository and a source, both in memory; who signed what is played by a set. */
async function follow(controlSigners: readonly string[]) {
  const [control, apps] = [memoryGit(), memoryGit()];
  const unsigned = new Set<GitId>();
  const ports = new Map([
    [controlUrl, memoryGitPort(control)],
    ['https://git.example.org/apps.git', memoryGitPort(apps)],
  ]);
  const at = (url: string) => ports.get(url) ?? expect.fail(url);
  const git: GitPort = {
    resolveRef: (remote, ...rest) => at(remote.url).resolveRef(remote, ...rest),
    readCommit: (remote, ...rest) => at(remote.url).readCommit(remote, ...rest),
    listTree: (remote, ...rest) => at(remote.url).listTree(remote, ...rest),
    readBlobs: (remote, ...rest) => at(remote.url).readBlobs(remote, ...rest),
    isAncestor: (remote, ...rest) => at(remote.url).isAncestor(remote, ...rest),
    async verifyCommit({ signers = [] }, commit) {
      if (signers.length > 0 && unsigned.has(commit))
        throw new FlotillaError(`commit ${commit} carries no signature`, signatureFailure);
    },
  };
  control.commit({ 'rules.yaml': rules });
  apps.commit({ 'shop/a.yaml': 'a: 1\n' });
  const { deps, fleet } = await startHub(memoryDecisionLog(manualClock()), new World([]));
  const remote = { url: controlUrl, credential: undefined, caBundlePem: undefined, signers: controlSigners };
  const files = new ControlFiles(git, remote);
  const stopping = new AbortController();
  const looking = { ...deps, git, files, remote, ref: 'main', pollIntervalMs: 30_000 };
  const loop = startControlRepo({ ...looking, random: seededRandom(1), log: silentLogger }, stopping.signal);
  onTestFinished(async () => {
    stopping.abort();
    await loop.ended;
  });
  return {
    ...{ apps, control, fleet, unsigned },
    /** The first state of both is in force. */
    begun: () => expect.poll(() => fleet.control.adopted?.sources['apps main']).toBeDefined(),
    /** Lets the next look happen. */
    look: () => deps.clock.advance(60_000),
    inForce: () => ({
      control: fleet.control.adopted?.commit.id,
      apps: fleet.control.adopted?.sources['apps main']?.id,
    }),
  };
}

test('a commit of a source that nobody signed is not taken: the last one stays, and the reason is told', async () => {
  const hub = await follow([]);
  await hub.begun();
  const before = hub.inForce();

  const next = hub.apps.commit({ 'shop/a.yaml': 'a: 2\n' });
  hub.unsigned.add(next);
  await hub.look();
  await expect
    .poll(() => hub.fleet.outlook.held)
    .toEqual([
      {
        code: 'SourceUnavailable',
        subject: 'apps main',
        text: expect.stringMatching(`^commit ${next} carries no signature; .+; commit .+ stays in force$`),
      },
    ]);
  expect(hub.inForce()).toEqual(before);

  const signed = hub.apps.commit({ 'shop/a.yaml': 'a: 3\n' });
  await hub.look();
  await expect.poll(hub.inForce).toEqual({ ...before, apps: signed });
  expect(hub.fleet.outlook.held).toEqual([]);
});

test('a source whose first commit nobody signed gives its placements nothing, and they say why', async () => {
  const hub = await follow([]);
  await hub.begun();
  const held = [{ code: 'SourceUnavailable', subject: 'apps main', text: 'commit 1 carries no signature' }];
  const spec = { source: { repo: { name: 'apps' }, ref: 'main' } } as never;

  expect(noCommitText(spec, held)).toBe(
    'the source apps has no commit in force at ref main: commit 1 carries no signature',
  );
});

test('a commit of the control repository that nobody signed is not taken, and what is in force goes on', async () => {
  const hub = await follow([fingerprint]);
  await hub.begun();
  const before = hub.inForce();

  hub.unsigned.add(hub.control.commit({ 'rules.yaml': '# everything is gone\n' }));
  await hub.look();
  await expect
    .poll(() => hub.fleet.outlook.failure)
    .toMatchObject({
      code: 'GIT_SIGNATURE',
      text: expect.stringContaining('carries no signature'),
    });
  expect(hub.inForce()).toEqual(before);

  const signed = hub.control.commit({ 'rules.yaml': `${rules}# signed\n` });
  await hub.look();
  await expect.poll(hub.inForce).toMatchObject({ control: signed });
  expect(hub.fleet.outlook.failure).toBeUndefined();
});
