import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withTools } from '../../tools/index.ts';
import { type ControlPlane, startControlPlane } from '../control-plane/index.ts';
import { waitFor } from '../waiting.ts';
import { resolveExample } from './example-fleet.ts';
import { exampleFolder, readExample } from './read-repository.ts';

const run = promisify(execFile);
const applyDeadlineMs = 20_000;

/** Paths that clusters render, overlays included, with the namespace of each. */
async function renderedPaths(): Promise<readonly { readonly path: string; readonly namespace: string }[]> {
  const found = new Map<string, string>();
  for (const { placement, step } of resolveExample(await readExample(exampleFolder))) {
    if (step.kind !== 'done') continue;
    const { base, overrides } = step.release.recipe;
    for (const trees of [base.content.trees, ...overrides.map((one) => one.trees ?? [])]) {
      const [first] = trees;
      if (first !== undefined) found.set(first.path, placement.spec.namespace ?? 'default');
    }
  }
  return [...found].map(([path, namespace]) => ({ path, namespace }));
}

describe('every application of the example control repository', () => {
  let plane: ControlPlane;
  let folder: string;
  beforeAll(async () => {
    plane = await startControlPlane({ nodes: 1, label: 'examples' });
    folder = await mkdtemp(join(tmpdir(), 'flotilla-examples-'));
  });
  afterAll(async () => {
    await plane.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('is taken by a real API server, strictly and without a warning', async () => {
    const tools = await withTools('kubectl', 'kustomize');
    const kubectl = async (...args: readonly string[]) =>
      await run(tools.kubectl, ['--kubeconfig', plane.kubeconfigPath, ...args]);
    for (const { path, namespace } of await renderedPaths()) {
      const source = join(exampleFolder, path);
      const manifest = join(folder, `${path.replaceAll('/', '-')}.yaml`);
      const isKustomized = (await readdir(source)).some((name) => name.startsWith('kustomization.'));
      const rendered = isKustomized ? (await run(tools.kustomize, ['build', source])).stdout : undefined;
      if (rendered !== undefined) await writeFile(manifest, rendered);
      await kubectl('create', 'namespace', namespace).catch(() => undefined);
      const from = rendered === undefined ? source : manifest;
      const apply = ['apply', '--server-side', '--validate=strict', '-n', namespace, '-f', from];
      let said = '';
      // A custom resource is refused until its definition, which stands in the same set, is established.
      await waitFor(
        `a clean apply of ${path}`,
        async () => {
          const outcome = await kubectl(...apply).catch((error: { readonly stderr: string }) => error);
          said = outcome.stderr;
          return !/no matches for kind/.test(said);
        },
        { withinMs: applyDeadlineMs, everyMs: 20 },
      );
      expect({ path, said }).toEqual({ path, said: '' });
    }
  });
});
