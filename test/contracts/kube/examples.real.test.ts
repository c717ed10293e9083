import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Json, stableJson } from '@flotilla/shared/base';
import type { KubeObject } from '@flotilla/shared/model';
import { refOf } from '@flotilla/shared/model';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { rootFolder, withTools } from '../../tools/index.ts';
import { normaliseAnswers } from './normalise.ts';
import { realWorld } from './real-world.ts';
import { simulatedWorld } from './simulated-world.ts';
import type { ContractWorld } from './world.ts';

/**
 * The applications of the example repository, applied to a real and to a simulated cluster: the same application must
 * come to the same states. Nothing is recorded: the applications may change at any time.
 */
const repository = join(rootFolder, 'deploy/examples/control-repo');
const signal = AbortSignal.timeout(300_000);
const folders = await applicationFolders();
const run = promisify(execFile);

let real: ContractWorld;
let simulated: ContractWorld;
beforeAll(async () => {
  simulated = simulatedWorld('controllers');
  real = await realWorld('controllers');
});
afterAll(async () => {
  await real?.close();
  await simulated?.close();
});

/** Folders with manifests below apps/, relative to the repository. */
async function applicationFolders(): Promise<readonly string[]> {
  const entries = await readdir(join(repository, 'apps'), { recursive: true, withFileTypes: true });
  const found = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.yaml'))
    .map((entry) => entry.parentPath.slice(repository.length + 1));
  return [...new Set(found)].sort();
}

/** The objects of an application, kustomize or plain, definitions and namespaces first. */
async function render(folder: string): Promise<readonly KubeObject[]> {
  const path = join(repository, folder);
  const files = (await readdir(path)).filter((name) => name.endsWith('.yaml'));
  const texts = files.includes('kustomization.yaml')
    ? [await kustomize(path)]
    : await Promise.all(files.map((name) => readFile(join(path, name), 'utf8')));
  const objects = texts.flatMap((text) => parseAllDocuments(text).map((document) => document.toJS()));
  return objects.filter((object) => object !== null).sort((left, right) => rank(left) - rank(right));
}

async function kustomize(path: string): Promise<string> {
  const tools = await withTools('kustomize');
  return (await run(tools.kustomize, ['build', path])).stdout;
}

function rank(object: KubeObject): number {
  const first = ['Namespace', 'CustomResourceDefinition'];
  return first.includes(object.kind) ? first.indexOf(object.kind) : first.length;
}

async function applyAll(world: ContractWorld, namespace: string, objects: readonly KubeObject[]) {
  const discovery = await world.port.discover({ fresh: true }, signal);
  const clusterScoped = new Set(
    discovery.resources.filter((one) => !one.isNamespaced).map(({ kind }) => kind),
  );
  const options = {
    fieldManager: 'flotilla',
    force: true,
    dryRun: false,
    fieldValidation: 'Strict',
  } as const;
  const placed = objects.map((object) =>
    clusterScoped.has(object.kind) ? object : { ...object, metadata: { namespace, ...object.metadata } },
  );
  const namespaces = [...new Set(placed.map((object) => object.metadata.namespace))].filter(
    (name) => name !== undefined,
  );
  const own = namespaces.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));
  for (const object of [...own, ...placed])
    await world.until(`apply of ${object.kind} ${object.metadata.name}`, async () => {
      try {
        await world.port.apply(object, options, signal);
        return true;
      } catch (error) {
        // A custom resource waits until its definition is served, as the agent does.
        if (JSON.stringify(error).includes('KUBE_KIND_UNKNOWN')) return false;
        throw error;
      }
    });
  return [...own, ...placed].map((object) => refOf(object));
}

/** Everything about the objects that must be the same, as text; conditions in any order, since both servers wait differently long. */
async function stateOf(world: ContractWorld, refs: Awaited<ReturnType<typeof applyAll>>): Promise<Json> {
  const objects = await Promise.all(refs.map((ref) => world.port.get(ref, signal)));
  const sorted = objects.map((object) => withSortedConditions(JSON.parse(JSON.stringify(object ?? null))));
  return withoutVersions(normaliseAnswers(sorted, []));
}

function withSortedConditions(object: { status?: { conditions?: { type: string }[] } }): Json {
  object.status?.conditions?.sort((left, right) => (left.type < right.type ? -1 : 1));
  return object as unknown as Json;
}

/** How often the controllers wrote on the way is their own affair. */
function withoutVersions(value: Json): Json {
  return JSON.parse(JSON.stringify(value, (key, item) => (key === 'resourceVersion' ? undefined : item)));
}

it('has applications to compare', () => {
  expect(folders.length).toBeGreaterThanOrEqual(8);
});

it.each(folders)(
  '%s comes to the same states on a real and a simulated cluster',
  { timeout: 120_000 },
  async (folder) => {
    const objects = await render(folder);
    const namespace = folder.split('/').slice(1).join('-');

    const realRefs = await applyAll(real, namespace, objects);
    const simulatedRefs = await applyAll(simulated, namespace, objects);
    // Ten virtual seconds: longer than any simulated controller takes.
    let rounds = 0;
    await simulated.until('ten seconds to pass', async () => ++rounds > 200);
    const expected = await stateOf(simulated, simulatedRefs);
    await real
      .until('the same state', async () => stableJson(await stateOf(real, realRefs)) === stableJson(expected))
      .catch(() => {});

    expect(await stateOf(real, realRefs)).toEqual(expected);
  },
);
