import { createHash } from 'node:crypto';
import type { HelmInput, HelmPort } from '../../ports.ts';
import { type Remembered, rememberRenders } from './remember-renders.ts';
import { RenderError } from './render-error.ts';
import { type RendererOptions, runOverFolder } from './render-folder.ts';
import { openTurns } from './turns.ts';
import { unpackChart } from './unpack-chart.ts';

/**
 * Runs `helm template` as a child over the given files, without a cluster, plug-ins, repositories or a post-renderer. What
 * came of the last few inputs is remembered: a chart with a mistake is asked for again and again.
 */
export function openHelm(options: RendererOptions): HelmPort {
  const turns = options.turns ?? openTurns();
  const renders = rememberRenders();

  async function render(input: HelmInput, signal: AbortSignal): Promise<Remembered> {
    const { files, valuesJson } = input;
    const beside = valuesJson === undefined ? undefined : { name: 'values.json', text: valuesJson };
    const args = (place: (path: string) => string, values: string) => argumentsOf(input, { place, values });
    try {
      return { text: await runOverFolder({ name: 'helm', files, beside, args }, options, signal) };
    } catch (error) {
      // What Helm says about the files is an answer; a child that could not be run is none.
      if (error instanceof RenderError && error.code === 'RENDER_REFUSED') return { refusal: error };
      throw error;
    }
  }

  return {
    async template(input, { fresh }, signal) {
      signal.throwIfAborted();
      const digest = digestOf(input);
      const known = fresh ? undefined : renders.find(digest);
      const outcome = known ?? (await turns.take(() => render(input, signal)));
      renders.add(digest, outcome);
      if ('refusal' in outcome) throw outcome.refusal;
      return outcome.text;
    },
    unpack: async (archive, signal) => {
      signal.throwIfAborted();
      return unpackChart(archive);
    },
  };
}

/** Values of one flag each: a single argument may have 128 KiB. */
const versionsPerFlag = 200;

function argumentsOf(
  input: HelmInput,
  where: { readonly place: (path: string) => string; readonly values: string },
): readonly string[] {
  const { apiVersions, valuesJson } = input;
  const chunks = Array.from({ length: Math.ceil(apiVersions.length / versionsPerFlag) }, (_, index) =>
    apiVersions.slice(index * versionsPerFlag, (index + 1) * versionsPerFlag).join(','),
  );
  const files = [...input.valuesFiles.map(where.place), ...(valuesJson === undefined ? [] : [where.values])];
  return [
    'template',
    // Nothing of a placement can be taken for a flag: names begin with a letter or digit, paths with a slash.
    ...[input.releaseName, where.place(input.path)],
    ...['--namespace', input.namespace, '--kube-version', input.kubeVersion, '--include-crds'],
    ...chunks.flatMap((chunk) => ['--api-versions', chunk]),
    ...files.flatMap((file) => ['--values', file]),
  ];
}

function digestOf(input: HelmInput): string {
  const { files, ...rest } = input;
  const hash = createHash('sha256').update(JSON.stringify(rest));
  for (const { path, bytes } of files) hash.update(JSON.stringify([path, bytes.length])).update(bytes);
  return hash.digest('hex');
}
