import { isRecord } from '../health/fields.ts';
import { kustomizationNames } from './choose-files.ts';
import { type ManifestFile, readDocuments } from './read-documents.ts';
import { isRemote, remoteTexts, resourceFields } from './remote-texts.ts';
import { remoteProblem, scanInlinePlugins, scanPluginFile } from './scan-plugin.ts';
import { type Origin, problem, type RenderProblem } from './source-object.ts';

/** Fields whose entries are plug-ins: inline, in files, or in folders with a kustomization of their own. */
const pluginFields = ['generators', 'transformers', 'validators'];
/** Fields that run programs or fetch charts. */
const refusedFields = ['helmCharts', 'helmChartInflationGenerator', 'helmGlobals'];
/** What is read here by name. Kustomize takes names in any case, so one that is only like these would pass unseen. */
const exactFields = [...resourceFields, ...pluginFields, ...refusedFields];
/**
 * All that a kustomization of plug-ins may have. Any other field may write into the plug-ins (patches, replacements,
 * annotations), and what they load would then be in no file.
 */
const pluginFolderFields = ['apiVersion', 'kind', 'metadata', ...resourceFields];

/** Something that kustomize would read, and what for. */
type Visit =
  | { readonly kind: 'folder'; readonly path: string; readonly holds: 'objects' | 'plugins' }
  | { readonly kind: 'plugin-file'; readonly path: string };

interface Tree {
  readonly byPath: ReadonlyMap<string, ManifestFile>;
  readonly folders: ReadonlySet<string>;
}

interface Scanned {
  readonly problems: readonly RenderProblem[];
  readonly visits: readonly Visit[];
}

/**
 * Follows a kustomization through the fetched files and finds everything that would leave them: remote names in it and in
 * the plug-ins it uses, missing files, charts, programs. Runs before the child is started; an empty answer means that the
 * child needs nothing but the files. It is the only guard of what listens on this machine's loopback: see run-child.
 */
export function scanKustomize(files: readonly ManifestFile[], path: string): readonly RenderProblem[] {
  const tree: Tree = {
    byPath: new Map(files.map((file) => [file.path, file])),
    folders: new Set(files.flatMap((file) => parentsOf(file.path))),
  };
  const problems: RenderProblem[] = [];
  const queue: Visit[] = [{ kind: 'folder', path, holds: 'objects' }];
  const seen = new Set(queue.map((visit) => JSON.stringify(visit)));
  for (let visit = queue.shift(); visit !== undefined; visit = queue.shift()) {
    const scanned = scanVisit(visit, tree);
    problems.push(...scanned.problems);
    for (const next of scanned.visits) {
      if (seen.has(JSON.stringify(next))) continue;
      seen.add(JSON.stringify(next));
      queue.push(next);
    }
  }
  return problems;
}

function scanVisit(visit: Visit, tree: Tree): Scanned {
  if (visit.kind === 'plugin-file') {
    const file = tree.byPath.get(visit.path);
    return { problems: file === undefined ? [] : scanPluginFile(file), visits: [] };
  }
  const file = kustomizationNames
    .map((name) => tree.byPath.get(join(visit.path, name)))
    .find((one) => one !== undefined);
  if (file === undefined) {
    const text = `${visit.path || '.'} is used as a base but has no kustomization.yaml`;
    return { problems: [problem('KustomizationMissing', text)], visits: [] };
  }
  const scanned = [...readDocuments(file)].map((reading): Scanned => {
    if (reading.kind === 'problem') return { problems: [reading.problem], visits: [] };
    const { value, origin } = reading;
    return isRecord(value)
      ? scanKustomization(value, { ...visit, origin, tree })
      : { problems: [], visits: [] };
  });
  return together(scanned);
}

interface Place {
  readonly path: string;
  readonly holds: 'objects' | 'plugins';
  readonly origin: Origin;
  readonly tree: Tree;
}

function scanKustomization(value: { readonly [name: string]: unknown }, place: Place): Scanned {
  const { origin } = place;
  const say = (code: string, text: string) => problem(code, text, { origin });
  const names = Object.keys(value);
  const misspelt = names.flatMap((name) => {
    const exact = exactFields.find((one) => one !== name && fold(one) === fold(name));
    return exact === undefined ? [] : [say('KustomizeRefused', `${name} is refused: write ${exact}`)];
  });
  const refused = refusedFields
    .filter((name) => value[name] !== undefined)
    .map((name) => say('KustomizeRefused', `${name} is refused: charts are not fetched inside kustomize`));
  const rewriting =
    place.holds === 'plugins' ? names.filter((name) => !pluginFolderFields.includes(name)) : [];
  const remote = remoteTexts(value, '', pluginFields).map((one) => remoteProblem(one, origin));
  return together([
    {
      problems: [...misspelt, ...refused, ...rewriting.map((name) => rewritingProblem(name, origin))],
      visits: [],
    },
    { problems: remote, visits: [] },
    ...entriesOf(value, resourceFields).map((entry) => scanResource(entry, place)),
    ...entriesOf(value, pluginFields).map((entry) => scanPluginEntry(entry, place)),
  ]);
}

function rewritingProblem(name: string, origin: Origin): RenderProblem {
  const text = `${name} is refused in a kustomization that generators, transformers or validators name: it could change what they load`;
  return problem('KustomizeRefused', text, { origin });
}

interface Entry {
  readonly field: string;
  readonly text: string;
}

/** A folder with a kustomization, or a file; of objects, or of plug-ins. */
function scanResource(entry: Entry, place: Place): Scanned {
  if (isRemote(entry.text)) return { problems: [], visits: [] };
  return scanPath(entry, place, place.holds);
}

/** Kustomize takes an entry for a document first and for a path otherwise; here it is looked at as both. */
function scanPluginEntry(entry: Entry, place: Place): Scanned {
  const { origin } = place;
  const inline = scanInlinePlugins(entry.text, origin, entry.field);
  if (inline !== undefined) return { problems: inline, visits: [] };
  if (isRemote(entry.text)) return { problems: [remoteProblem(entry, origin)], visits: [] };
  return scanPath(entry, place, 'plugins');
}

function scanPath(entry: Entry, place: Place, holds: 'objects' | 'plugins'): Scanned {
  const { byPath, folders } = place.tree;
  const path = resolve(place.path, entry.text);
  if (path !== undefined && folders.has(path))
    return { problems: [], visits: [{ kind: 'folder', path, holds }] };
  if (path !== undefined && byPath.has(path))
    return { problems: [], visits: holds === 'plugins' ? [{ kind: 'plugin-file', path }] : [] };
  const text = `${entry.field} names ${JSON.stringify(entry.text)}, which is not in the fetched files: add its folder to the source's includes, or correct it`;
  return { problems: [problem('ReferenceMissing', text, { origin: place.origin })], visits: [] };
}

function entriesOf(value: { readonly [name: string]: unknown }, fields: readonly string[]): readonly Entry[] {
  return fields.flatMap((field) => {
    const items = value[field];
    if (!Array.isArray(items)) return [];
    return items.flatMap((text, index) =>
      typeof text === 'string' ? [{ field: `${field}[${index}]`, text }] : [],
    );
  });
}

function together(all: readonly Scanned[]): Scanned {
  return { problems: all.flatMap((one) => one.problems), visits: all.flatMap((one) => one.visits) };
}

/** Names as Go's JSON decoder compares them: all cases are one, the long s and the Kelvin sign too. */
function fold(name: string): string {
  return name.toUpperCase().toLowerCase();
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
