import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import type { AdminCredential } from '../real/control-plane/index.ts';
import { findTool } from '../tools/index.ts';
import type { ManifestSet } from './sets.ts';

const run = promisify(execFile);
const outputBytesMax = 100_000_000;
/** A definition and what it defines in one set: people run kubectl again until it is quiet. */
const attemptsMax = 8;

/** One manifest of a set, as its author wrote it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** The manager that `kubectl apply --server-side` writes as. */
export const kubectlManager = 'kubectl';

/** Of charts; the agent's is the placement's name. */
export const releaseName = 'set';

/** What the reference is run with. */
export interface Reference {
  readonly credential: AdminCredential;
  /** A folder of its own for kubeconfig and rendered files. */
  readonly folder: string;
}

/** Brings a path of a set onto a cluster as people without us do. Answers with what kubectl refused to the end. */
export async function applyByKubectl(
  set: ManifestSet,
  path: string,
  reference: Reference,
): Promise<readonly string[]> {
  const kubeconfig = await writeKubeconfig(reference, set.namespace);
  const { path: kubectl } = await findTool('kubectl');
  if (set.namespace !== 'default') await createNamespace(kubectl, kubeconfig, set.namespace);
  const args = [
    '--kubeconfig',
    kubeconfig,
    'apply',
    '--server-side',
    ...(await sourceOf(set, path, reference)),
  ];
  let refused: readonly string[] = [];
  for (let round = 0; round < attemptsMax; round += 1) {
    const before = refused;
    refused = await refusals(kubectl, args);
    const isSame = round > 1 && refused.join() === before.join();
    if (refused.length === 0 || isSame) break;
  }
  return refused;
}

/** Every manifest of a path of a set as kubectl reads it, lists unfolded; what it cannot read is left out. */
export async function manifestsOf(
  set: ManifestSet,
  path: string,
  reference: Reference,
): Promise<readonly Manifest[]> {
  const kubeconfig = await writeKubeconfig(reference, set.namespace);
  const { path: kubectl } = await findTool('kubectl');
  const options = ['--dry-run=client', '--validate=false', '-o', 'json'];
  const args = ['--kubeconfig', kubeconfig, 'create', ...options, ...(await sourceOf(set, path, reference))];
  const { stdout } = await attempt(kubectl, args);
  // Objects one after the other, each indented.
  const texts = stdout.split(/(?<=^\})\n(?=\{$)/m).filter((text) => text.trim() !== '');
  return texts.map((text) => JSON.parse(text) as unknown).flatMap(unfold);
}

function unfold(value: unknown): readonly Manifest[] {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return [];
  if (String(value.kind).endsWith('List') && 'items' in value && Array.isArray(value.items))
    return value.items.flatMap(unfold);
  // kubectl prints only what has a version, a kind and a name.
  return [value as Manifest];
}

async function sourceOf(set: ManifestSet, path: string, reference: Reference): Promise<readonly string[]> {
  if (set.kind !== 'raw') return ['-f', await renderedFile(set, path, reference)];
  return ['-f', join(set.root, path), ...(set.isRecursive ? ['-R'] : [])];
}

/** By the tools of the field themselves, with the arguments that people use. */
async function render(set: ManifestSet, path: string): Promise<string> {
  const folder = join(set.root, path);
  const isChart = set.kind === 'helm';
  const program = await findTool(isChart ? 'helm' : 'kustomize');
  const chart = [
    'template',
    releaseName,
    folder,
    '--namespace',
    set.namespace,
    '--include-crds',
    '--skip-tests',
  ];
  const { stdout } = await run(program.path, isChart ? chart : ['build', folder], {
    maxBuffer: outputBytesMax,
  });
  return stdout;
}

async function renderedFile(set: ManifestSet, path: string, { folder }: Reference): Promise<string> {
  const file = join(folder, 'rendered.yaml');
  await writeFile(file, await render(set, path));
  return file;
}

/** The lines in which kubectl says what it could not apply. */
async function refusals(kubectl: string, args: readonly string[]): Promise<readonly string[]> {
  const { stderr } = await attempt(kubectl, args);
  return stderr.split('\n').filter((line) => line.trim() !== '');
}

/** What a run printed; of one that failed, too: kubectl goes on after an object that it cannot use. */
async function attempt(program: string, args: readonly string[]) {
  try {
    const { stdout } = await run(program, args, { maxBuffer: outputBytesMax });
    return { stdout, stderr: '' };
  } catch (error) {
    if (!(error instanceof Error && 'stderr' in error && 'stdout' in error)) throw error;
    return { stdout: String(error.stdout), stderr: String(error.stderr) };
  }
}

async function createNamespace(kubectl: string, kubeconfig: string, name: string): Promise<void> {
  await refusals(kubectl, ['--kubeconfig', kubeconfig, 'create', 'namespace', name]);
}

/** The namespace stands in the context: given as a flag it would have to be every object's. */
async function writeKubeconfig({ credential, folder }: Reference, namespace: string): Promise<string> {
  const { serverUrl, caPem, certPem, keyPem, token } = credential;
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const user = {
    ...(token === undefined ? {} : { token }),
    ...(certPem === undefined ? {} : { 'client-certificate-data': base64(certPem) }),
    ...(keyPem === undefined ? {} : { 'client-key-data': base64(keyPem) }),
  };
  const file = join(folder, 'kubeconfig');
  // JSON is YAML.
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server: serverUrl, 'certificate-authority-data': base64(caPem) } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', namespace } }],
    'current-context': 'x',
  };
  await writeFile(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}
