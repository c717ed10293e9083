import { RenderError, unpackChart } from '@flotilla/agent/io/render';
import type { ContentFile, HelmInput, HelmPort } from '@flotilla/agent/ports';
import { parse } from 'yaml';

/**
 * As little of Helm as a loop needs: `{{ .Values.NAME }}`, `{{ .Release.Name }}` and `{{ .Release.Namespace }}` in templates,
 * values of one level. Every other action is refused, so that no test leans on what this does not do.
 */
export function memoryHelm(): HelmPort {
  return {
    async template(input, _options, signal) {
      signal.throwIfAborted();
      return documents(input).join('');
    },
    unpack: async (archive, signal) => {
      signal.throwIfAborted();
      return unpackChart(archive);
    },
  };
}

function documents(input: HelmInput): readonly string[] {
  const chart = below(input, 'Chart.yaml').find(({ path }) => path === 'Chart.yaml');
  if (chart === undefined) throw refused('Chart.yaml file is missing');
  const { name } = parse(chart.text);
  const values = valuesOf(input);
  const crds = below(input, 'crds/').map(({ path, text }) => headed(`${name}/${path}`, text));
  const templates = below(input, 'templates/').map(({ path, text }) => {
    const filled = text.replace(/\{\{-?\s*(.*?)\s*-?\}\}/g, (_whole, action: string) =>
      String(filledIn(action, { input, values, place: `${name}/${path}` })),
    );
    return headed(`${name}/${path}`, filled);
  });
  return [...crds, ...templates];
}

function filledIn(
  action: string,
  about: {
    readonly input: HelmInput;
    readonly values: Readonly<Record<string, unknown>>;
    readonly place: string;
  },
): unknown {
  if (action === '.Release.Name') return about.input.releaseName;
  if (action === '.Release.Namespace') return about.input.namespace;
  const name = /^\.Values\.(\w+)$/.exec(action)?.[1];
  if (name === undefined) throw refused(`template: ${about.place}:1:0: the stand-in does not know ${action}`);
  return about.values[name] ?? '';
}

function valuesOf(input: HelmInput): Readonly<Record<string, unknown>> {
  const own = below(input, 'values.yaml').map(({ text }) => text);
  const named = input.valuesFiles.map((path) => textOf(input.files.find((file) => file.path === path)));
  return Object.assign({}, ...[...own, ...named, input.valuesJson ?? '{}'].map((text) => parse(text)));
}

/** Files of the chart that begin so, with their paths inside it. */
function below(input: HelmInput, start: string): readonly { readonly path: string; readonly text: string }[] {
  const folder = input.path === '' ? '' : `${input.path}/`;
  return input.files
    .filter(({ path }) => path.startsWith(folder + start))
    .map((file) => ({ path: file.path.slice(folder.length), text: textOf(file) }));
}

function headed(source: string, text: string): string {
  return `---\n# Source: ${source}\n${text}${text.endsWith('\n') ? '' : '\n'}`;
}

function textOf(file: ContentFile | undefined): string {
  return new TextDecoder().decode(file?.bytes);
}

function refused(text: string): RenderError {
  return new RenderError(`helm ${text}`, { code: 'RENDER_REFUSED', retry: 'never' });
}
