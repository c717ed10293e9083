import {
  archivesOf,
  compareRenders,
  describeHelmFailure,
  type HelmPlan,
  judgeHooks,
  type ManifestFile,
  maskText,
  prepareHelm,
  problem,
  type RenderProblem,
  type RenderResult,
  readHelmOutput,
  readsClock,
} from '../../core/index.ts';
import { authorsMistake, type RenderSubject, type RenderTools } from './render-tools.ts';

/** A chart among fetched files. */
export interface ChartSubject extends RenderSubject {
  /** Folder of the chart. */
  readonly path: string;
  /** Reads and patches what Helm printed. */
  readonly toObjects: (files: readonly ManifestFile[]) => Promise<RenderResult>;
}

/** Between two renders of a chart that reads the clock: most print whole seconds. */
const clockStepMs = 1_100;

/** Renders a chart; one that may come out differently each time is rendered twice and compared. */
export async function renderHelm(
  tools: RenderTools,
  subject: ChartSubject,
  signal: AbortSignal,
): Promise<RenderResult> {
  const files = await unpackAll(tools, subject, signal);
  if (!Array.isArray(files)) return failed([files]);
  const { path, render, placement, clusterName } = subject;
  const { kubeVersion, kinds } = await tools.capabilities(signal);
  const plan = prepareHelm({ files, path, render, placement, clusterName, kubeVersion, kinds });
  if (!plan.ok) return failed(plan.error);
  const first = await renderOnce(tools, { plan: plan.value, subject, fresh: false }, signal);
  const { chance } = plan.value;
  if (first.kind === 'problems' || chance.length === 0) return first;
  if (readsClock(chance)) await tools.clock.sleep(clockStepMs, signal);
  const second = await renderOnce(tools, { plan: plan.value, subject, fresh: true }, signal);
  if (second.kind === 'problems') return second;
  const changed = compareRenders(first.objects, second.objects, { calls: chance, ignore: subject.ignore });
  return changed.length > 0 ? failed(changed) : first;
}

async function renderOnce(
  tools: RenderTools,
  what: { readonly plan: HelmPlan; readonly subject: ChartSubject; readonly fresh: boolean },
  signal: AbortSignal,
): Promise<RenderResult> {
  const { plan, subject, fresh } = what;
  const { chart, request } = plan;
  try {
    const text = await tools.helm.template(request, { fresh }, signal);
    const result = await subject.toObjects(readHelmOutput(text, chart));
    return result.kind === 'problems'
      ? failed(result.problems.map(asRendered))
      : withoutHooks(result, chart.path);
  } catch (error) {
    return failed([describeHelmFailure(maskText(authorsMistake(error, signal), ''), chart)]);
  }
}

/** What the reader says of a line is about Helm's output: the template has other lines. */
function asRendered(one: RenderProblem): RenderProblem {
  if (one.line === undefined) return one;
  return { ...one, line: undefined, text: `in line ${one.line} of what it renders: ${one.text}` };
}

function withoutHooks(
  result: Extract<RenderResult, { readonly kind: 'objects' }>,
  path: string,
): RenderResult {
  const { objects, leftOut, problems } = judgeHooks(result.objects);
  if (problems.length > 0) return failed(problems);
  if (objects.length > 0)
    return {
      kind: 'objects',
      objects,
      notes: leftOut.map((name) => `${name} is a test of the chart and is left out`),
    };
  const text = 'the chart holds no object but tests: nothing is changed on the cluster';
  return failed([problem('NothingToApply', text, { origin: { path, document: 1 } })]);
}

/** The files with every packed chart in the place of its archive. */
async function unpackAll(
  tools: RenderTools,
  { fetched, path }: ChartSubject,
  signal: AbortSignal,
): Promise<ManifestFile[] | RenderProblem> {
  const archives = new Set(archivesOf(fetched.files, path));
  const files = fetched.files.filter((file) => !archives.has(file));
  for (const archive of archives) {
    try {
      files.push(...(await tools.helm.unpack(archive, signal)));
    } catch (error) {
      const at = { origin: { path: archive.path, document: 1 } };
      return problem('ArchiveBroken', maskText(authorsMistake(error, signal), ''), at);
    }
  }
  return files;
}

function failed(problems: readonly RenderProblem[]): RenderResult {
  return { kind: 'problems', problems };
}
