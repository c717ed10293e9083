import { err, ok, type Result } from '@flotilla/shared/base';
import { isRecord, listAt, textAt } from '../../health/fields.ts';
import { type ManifestFile, readDocuments } from '../read-documents.ts';
import { problem, type RenderProblem } from '../source-object.ts';

/** A chart as its files in the repository say it. */
export interface Chart {
  /** Its folder, relative to the repository's root. */
  readonly path: string;
  /** As Chart.yaml says: Helm's messages begin with it. */
  readonly name: string;
  /** The files of the chart and of the charts within it. */
  readonly files: readonly ManifestFile[];
}

/** Whether a file of the chart, or of a chart within it, is a template. Notes are for people and never applied. */
export function isTemplate(path: string, chart: Chart): boolean {
  const own = chart.path === '' ? path : path.slice(chart.path.length + 1);
  return /(?:^|\/)templates\//.test(own) && !own.endsWith('/NOTES.txt');
}

/** Archives among the charts of a chart: what `helm dependency build` puts there. They are unpacked before anything is read. */
export function archivesOf(files: readonly ManifestFile[], path: string): readonly ManifestFile[] {
  const folder = join(path, 'charts/');
  return files.filter(
    (file) => file.path.startsWith(folder) && !isNested(file.path, folder) && isArchive(file.path),
  );
}

function isNested(path: string, folder: string): boolean {
  return path.slice(folder.length).includes('/');
}

function isArchive(path: string): boolean {
  return /\.(?:tgz|tar\.gz)$/.test(path);
}

/** Reads the chart at a path; its archives are unpacked already. Whatever it depends on must lie below its `charts/`. */
export function readChart(
  files: readonly ManifestFile[],
  path: string,
): Result<Chart, readonly RenderProblem[]> {
  const own = files.filter((file) => path === '' || file.path.startsWith(`${path}/`));
  const definition = readMapping(own, join(path, 'Chart.yaml'));
  if (!definition.ok) return err([definition.error]);
  const name = textAt(definition.value, ['name']);
  if (name === '') return err([at(join(path, 'Chart.yaml'), 'ChartBroken', 'has no name')]);
  if (textAt(definition.value, ['type']) === 'library')
    return err([
      at(join(path, 'Chart.yaml'), 'ChartBroken', 'is a library chart, which cannot be released by itself'),
    ]);
  const missing = missingDependencies(own, path, definition.value);
  return missing.length === 0 ? ok({ path, name, files: own }) : err(missing);
}

/** Charts that are named as dependencies and do not lie below `charts/`, each where it is named. */
function missingDependencies(
  files: readonly ManifestFile[],
  path: string,
  definition: unknown,
): readonly RenderProblem[] {
  const named = [
    ...dependenciesIn(definition, join(path, 'Chart.yaml')),
    ...dependenciesIn(ofOldForm(files, path), join(path, 'requirements.yaml')),
  ];
  const vendored = new Set(vendoredCharts(files, path));
  return named
    .filter((one) => !vendored.has(one.name))
    .map((one) => {
      const text = `depends on chart ${one.name}, which is not below ${join(path, 'charts')}: run "helm dependency build ${path === '' ? '.' : path}" and commit what it puts there; other servers are not asked`;
      const line = lineOfName(files, one.file, one.name);
      return problem('ChartMissing', text, { origin: { path: one.file, document: 1 }, line });
    });
}

function ofOldForm(files: readonly ManifestFile[], path: string): unknown {
  const read = readMapping(files, join(path, 'requirements.yaml'));
  return read.ok ? read.value : undefined;
}

function dependenciesIn(
  value: unknown,
  file: string,
): readonly { readonly name: string; readonly file: string }[] {
  return listAt(value, 'dependencies').flatMap((one) => {
    const name = textAt(one, ['name']);
    return name === '' ? [] : [{ name, file }];
  });
}

function vendoredCharts(files: readonly ManifestFile[], path: string): readonly string[] {
  const folder = join(path, 'charts/');
  return files.flatMap((file) => {
    if (!file.path.startsWith(folder) || !/^[^/]+\/Chart\.yaml$/.test(file.path.slice(folder.length)))
      return [];
    const read = readMapping(files, file.path);
    return read.ok ? [textAt(read.value, ['name'])] : [];
  });
}

function readMapping(files: readonly ManifestFile[], path: string): Result<unknown, RenderProblem> {
  const file = files.find((one) => one.path === path);
  if (file === undefined) return err(at(path, 'ChartMissing', 'is not there: no chart without it'));
  const [first] = readDocuments(file);
  if (first?.kind === 'problem') return err(first.problem);
  return isRecord(first?.value) ? ok(first.value) : err(at(path, 'ChartBroken', 'is no mapping'));
}

/** The line on which a dependency is named, as people write it; undefined when it is written otherwise. */
function lineOfName(files: readonly ManifestFile[], path: string, name: string): number | undefined {
  const file = files.find((one) => one.path === path);
  const lines = new TextDecoder().decode(file?.bytes).split('\n');
  const start = lines.findIndex((line) => line.startsWith('dependencies:'));
  const isNamed = (line: string) => /name:\s*["']?([^"'\s,}]+)/.exec(line)?.[1] === name;
  const index = lines.findIndex((line, at) => at >= start && isNamed(line));
  return index < 0 ? undefined : index + 1;
}

function at(path: string, code: string, text: string): RenderProblem {
  return problem(code, text, { origin: { path, document: 1 } });
}

/** A path below a folder; '' is the root. */
export function join(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}
