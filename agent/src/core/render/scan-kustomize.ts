import { isRecord } from '../health/fields.ts';
import { kustomizationNames } from './choose-files.ts';
import { type ManifestFile, readDocuments } from './read-documents.ts';
import { problem, type RenderProblem } from './source-object.ts';

/** Fields whose entries are folders or files; kustomize fetches what is not there from the network. */
const resourceFields = ['resources', 'bases', 'components'];
/** Fields that run programs or fetch charts. */
const refusedFields = ['helmCharts', 'helmChartInflationGenerator', 'helmGlobals'];
/** Kinds of generator and transformer files that do. */
const refusedKinds = ['HelmChartInflationGenerator', 'ChartInflator'];

/**
 * Follows a kustomization through the fetched files and finds everything that would leave them: remote bases, missing
 * files, charts, program plug-ins. Runs before the child is started; an empty answer means that the child needs nothing
 * but the files.
 */
export function scanKustomize(files: readonly ManifestFile[], path: string): readonly RenderProblem[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const folders = new Set(files.flatMap((file) => parentsOf(file.path)));
  const problems: RenderProblem[] = [];
  const queue = [path];
  const seen = new Set(queue);
  for (let folder = queue.shift(); folder !== undefined; folder = queue.shift()) {
    const file = kustomizationNames
      .map((name) => byPath.get(join(folder, name)))
      .find((one) => one !== undefined);
    if (file === undefined) {
      problems.push(
        problem('KustomizationMissing', `${folder || '.'} is used as a base but has no kustomization.yaml`),
      );
      continue;
    }
    const scanned = scanFile(file, { folder, byPath, folders });
    problems.push(...scanned.problems);
    for (const next of scanned.folders.filter((one) => !seen.has(one))) {
      seen.add(next);
      queue.push(next);
    }
  }
  return problems;
}

interface Place {
  readonly folder: string;
  readonly byPath: ReadonlyMap<string, ManifestFile>;
  readonly folders: ReadonlySet<string>;
}

interface Scanned {
  readonly problems: readonly RenderProblem[];
  readonly folders: readonly string[];
}

function scanFile(file: ManifestFile, place: Place): Scanned {
  const problems: RenderProblem[] = [];
  const folders: string[] = [];
  for (const reading of readDocuments(file)) {
    if (reading.kind === 'problem') {
      problems.push(reading.problem);
      continue;
    }
    const { value, origin } = reading;
    if (!isRecord(value)) continue;
    const say = (code: string, text: string) => problems.push(problem(code, text, { origin }));
    for (const field of refusedFields.filter((name) => value[name] !== undefined))
      say('KustomizeRefused', `${field} is refused: charts are not fetched inside kustomize`);
    for (const text of remoteTexts(value))
      say('RemoteReference', `${JSON.stringify(text)} is remote; everything must lie in the repository`);
    for (const entry of resourceFields
      .flatMap((name) => textsOf(value[name]))
      .filter((text) => !isRemote(text))) {
      const target = resolve(place.folder, entry);
      if (target !== undefined && place.folders.has(target)) folders.push(target);
      else if (target === undefined || !place.byPath.has(target))
        say(
          'ReferenceMissing',
          `${JSON.stringify(entry)} is not in the fetched files: add its folder to the source's includes, or correct it`,
        );
    }
    for (const plugin of pluginKinds(value, place))
      say('KustomizeRefused', `a ${plugin} is refused: programs are not run`);
  }
  return { problems, folders };
}

/** Kinds of generator, transformer and validator files that would run programs. */
function pluginKinds(kustomization: { readonly [name: string]: unknown }, place: Place): readonly string[] {
  const entries = ['generators', 'transformers', 'validators'].flatMap((name) =>
    textsOf(kustomization[name]),
  );
  return entries.flatMap((entry) => {
    const target = resolve(place.folder, entry);
    const file = target === undefined ? undefined : place.byPath.get(target);
    const texts = file === undefined ? [entry] : [new TextDecoder().decode(file.bytes)];
    return texts.flatMap((text) => [
      ...refusedKinds.filter((kind) => new RegExp(`^kind:\\s*${kind}\\s*$`, 'm').test(text)),
      ...(/config\.kubernetes\.io\/function/.test(text) ? ['function plug-in'] : []),
    ]);
  });
}

/** Every text in a kustomization that names another host, wherever it stands; multi-line texts are contents, not names. */
function remoteTexts(value: unknown): readonly string[] {
  if (typeof value === 'string') return !value.includes('\n') && isRemoteName(value) ? [value] : [];
  if (Array.isArray(value)) return value.flatMap(remoteTexts);
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([name, item]) => {
    // Literals, labels and annotations are data: a URL in them is never followed.
    if (dataFields.has(name)) return [];
    if (resourceFields.includes(name)) return textsOf(item).filter(isRemote);
    return remoteTexts(item);
  });
}

const dataFields = new Set([
  'literals',
  'labels',
  'annotations',
  'commonLabels',
  'commonAnnotations',
  'images',
  'value',
  'patch',
  'options',
  'metadata',
  'vars',
  'inline',
]);

/** Kustomize's own notion of a remote file, and of a repository: a scheme, or `user@host:`. */
function isRemoteName(text: string): boolean {
  const name = text.includes('=') ? text.slice(text.indexOf('=') + 1) : text;
  return /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(name) || /^[\w.-]+@[\w.-]+:/.test(name) || /^git::/.test(name);
}

/** As above, and the short forms that only `resources` understands: `github.com/o/r//path?ref=v1`. */
function isRemote(text: string): boolean {
  return (
    isRemoteName(text) ||
    /[?&]ref=/.test(text) ||
    /^(?:www\.)?(?:github|gitlab|bitbucket)\.[a-z]+[/:]/.test(text)
  );
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** The path of an entry inside the repository; undefined when it leaves it. */
function resolve(folder: string, entry: string): string | undefined {
  if (entry.startsWith('/')) return undefined;
  const steps = folder === '' ? [] : folder.split('/');
  for (const step of entry.split('/')) {
    if (step === '' || step === '.') continue;
    if (step !== '..') steps.push(step);
    else if (steps.pop() === undefined) return undefined;
  }
  return steps.join('/');
}

function parentsOf(path: string): readonly string[] {
  const steps = path.split('/').slice(0, -1);
  return ['', ...steps.map((_, index) => steps.slice(0, index + 1).join('/'))];
}

function join(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}
