import type { ManifestFile } from '../read-documents.ts';
import { problem, type RenderProblem } from '../source-object.ts';
import { type Chart, isTemplate } from './chart.ts';
import { findCalls, type TemplateCall } from './find-calls.ts';

/** A call of a function whose result is another one each time. */
export interface ChanceCall {
  readonly name: string;
  readonly path: string;
  readonly line: number;
}

/** Functions of Helm's templates that draw chance, read the clock, or go through a map in no order. */
const chanceNames: ReadonlySet<string> = new Set([
  ...['randAlphaNum', 'randAlpha', 'randAscii', 'randNumeric', 'randBytes', 'randInt', 'shuffle', 'uuidv4'],
  ...['genPrivateKey', 'genCA', 'genCAWithKey', 'genSelfSignedCert', 'genSelfSignedCertWithKey'],
  ...['genSignedCert', 'genSignedCertWithKey', 'htpasswd', 'bcrypt', 'encryptAES'],
  ...['now', 'ago', 'keys', 'values'],
]);

/** Those that read the clock: two renders show it only when a second lies between them. */
const clockNames: readonly string[] = ['now', 'ago'];

/** Calls in the chart's templates, and in those of the charts within it, that may come out differently each time. */
export function chanceCallsIn(chart: Chart): readonly ChanceCall[] {
  return chart.files
    .filter(({ path }) => isTemplate(path, chart))
    .flatMap(({ path, bytes }) =>
      findCalls(new TextDecoder().decode(bytes), chanceNames).map(({ name, line }) => ({ name, path, line })),
    );
}

/** Whether what a chart renders may change with the clock. */
export function readsClock(calls: readonly ChanceCall[]): boolean {
  return calls.some(({ name }) => clockNames.includes(name));
}

const lookupNames: ReadonlySet<string> = new Set(['lookup']);

/**
 * `lookup` asks the cluster, and finds nothing when nobody may be asked: a chart would take what exists for missing. So it
 * fails where it is reached, and nowhere else: in the templates its name is replaced by one of the same length that Helm
 * refuses to call so, and describeHelmFailure() says what was meant. In values, which a template may run, it is refused at once.
 */
export function refuseLookups(
  files: readonly ManifestFile[],
  about: {
    readonly chart: Chart;
    readonly valuesFiles: readonly string[];
    readonly valuesJson: string | undefined;
  },
): { readonly files: readonly ManifestFile[]; readonly problems: readonly RenderProblem[] } {
  const { chart, valuesFiles, valuesJson } = about;
  const isOfChart = new Set(chart.files.map(({ path }) => path));
  const problems = files.filter(isValues).flatMap(lookupsInValues);
  if (valuesJson !== undefined && findCalls(valuesJson, lookupNames).length > 0)
    problems.push(problem('LookupRefused', `the values of the placement call lookup, ${whyNot}`));
  return {
    files: files.map((file) =>
      isOfChart.has(file.path) && isTemplate(file.path, chart) ? disarm(file) : file,
    ),
    problems,
  };

  function isValues({ path }: ManifestFile): boolean {
    return valuesFiles.includes(path) || (isOfChart.has(path) && /(?:^|\/)values\.yaml$/.test(path));
  }
}

/** For messages: why lookup is no way to render. */
export const whyNot =
  "which asks the cluster while the chart renders, and is refused: the same files must give the same objects; turn off by the chart's values what needs it";

function lookupsInValues({ path, bytes }: ManifestFile): RenderProblem[] {
  const calls = findCalls(new TextDecoder().decode(bytes), lookupNames);
  const at = (line: number) => ({ origin: { path, document: 1 }, line });
  return calls.map(({ line }) => problem('LookupRefused', `calls lookup, ${whyNot}`, at(line)));
}

/** Fails in Helm with `wrong number of args for fail`: lookup takes four, fail one. */
const standIn = 'fail  ';

function disarm(file: ManifestFile): ManifestFile {
  const text = new TextDecoder().decode(file.bytes);
  const calls = findCalls(text, lookupNames);
  return calls.length === 0 ? file : { ...file, bytes: new TextEncoder().encode(replaced(text, calls)) };
}

function replaced(text: string, calls: readonly TemplateCall[]): string {
  let done = 0;
  let result = '';
  for (const { at, name } of calls) {
    result += text.slice(done, at) + standIn;
    done = at + name.length;
  }
  return result + text.slice(done);
}
