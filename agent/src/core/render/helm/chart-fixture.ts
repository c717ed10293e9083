import type { Render } from '@flotilla/shared/model';
import { makeKindTable } from '../kinds.ts';
import type { ManifestFile } from '../read-documents.ts';
import { formatProblem } from '../source-object.ts';
import { type HelmSource, prepareHelm } from './prepare-helm.ts';

/** Test only: a chart `web` at `apps/web`, with other files at their whole paths. */
export const chartText = 'apiVersion: v2\nname: web\nversion: 1.0.0\n';

export function filesOf(texts: Readonly<Record<string, string>>): readonly ManifestFile[] {
  return Object.entries(texts).map(([path, text]) => ({ path, bytes: new TextEncoder().encode(text) }));
}

export function textAt(files: readonly ManifestFile[], path: string): string {
  return new TextDecoder().decode(files.find((file) => file.path === path)?.bytes);
}

export const kinds = makeKindTable({
  resources: [
    { group: 'apps', version: 'v1', kind: 'Deployment', isNamespaced: true, hasStatus: true },
    { group: '', version: 'v1', kind: 'Pod', isNamespaced: true, hasStatus: true },
  ],
  failedGroups: [],
});

const render: Render = { renderer: 'helm', helm: undefined, namespace: 'shop', patches: [], variables: {} };

/** Test only: what a chart with these files comes to. */
export function prepare(
  texts: Readonly<Record<string, string>>,
  wish: Partial<Render> & Pick<Partial<HelmSource>, 'kinds' | 'placement'> = {},
) {
  const { kinds: served = kinds, placement = 'shop', ...change } = wish;
  return prepareHelm({
    files: filesOf({ 'apps/web/Chart.yaml': chartText, ...texts }),
    path: 'apps/web',
    render: { ...render, ...change },
    placement,
    clusterName: 'eu-1',
    kubeVersion: 'v1.36.3',
    kinds: served,
  });
}

/** Test only: the plan of a chart that can be rendered. */
export function planOf(...given: Parameters<typeof prepare>) {
  const plan = prepare(...given);
  if (!plan.ok) throw new Error(plan.error.map(formatProblem).join('\n'));
  return plan.value;
}

/** Test only: everything that is wrong with a chart. */
export function mistakesOf(...given: Parameters<typeof prepare>): readonly string[] {
  const plan = prepare(...given);
  return plan.ok ? [] : plan.error.map(formatProblem);
}
