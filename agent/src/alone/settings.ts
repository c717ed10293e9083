import {
  choiceKind,
  durationKind,
  listKind,
  logLevels,
  pathKind,
  ruleOver,
  type SettingsValues,
  setting,
  switchKind,
  textKind,
} from '@flotilla/shared/kit';
import type { ApplyPolicy } from '@flotilla/shared/model';
import { agentSettings } from '../config.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** Where the content is, what it is rendered with, and which cluster it is for. */
const sourceSettings = {
  dir: setting.optional(pathKind, {
    doc: 'Folder that stands for the repository: what it holds is read as it is now.',
  }),
  repo: setting.optional(textKind('URL'), { doc: 'Git repository, over https.' }),
  ref: setting(textKind('REF'), { doc: 'Branch, tag or commit of the repository.', fallback: 'HEAD' }),
  path: setting.optional(textKind('PATH'), {
    doc: 'Path within the folder or repository. Default: its root.',
  }),
  include: setting(listKind(textKind('PATH')), {
    doc: 'Other paths of the repository that the render needs: bases, values files.',
    fallback: '',
  }),
  namespace: setting.optional(textKind('NAME'), {
    doc: 'Namespace of objects that name none, and of the release of a chart.',
  }),
  valuesFile: setting(listKind(textKind('PATH')), {
    doc: 'Values files of a chart, relative to it; later ones win.',
    fallback: '',
  }),
  values: setting.optional(textKind('YAML'), {
    doc: 'Values of a chart that win over all files, as a YAML or JSON mapping.',
  }),
  credential: setting.optional(textKind('NAME'), {
    doc: 'Credential for the repository: a folder below credentials-dir.',
  }),
  credentialsDir: agentSettings.credentialsDir,
  plainHttpHosts: agentSettings.plainHttpHosts,
  deniedRanges: agentSettings.deniedRanges,
  gitProxy: agentSettings.gitProxy,
  noProxy: agentSettings.noProxy,
  kustomize: agentSettings.kustomize,
  helm: agentSettings.helm,
  kubeContext: agentSettings.kubeContext,
};

/** Settings of `flotilla-agent render`. */
export const renderSettings = {
  ...sourceSettings,
  name: setting(textKind('NAME'), {
    doc: 'Name of the set, and of the release of a chart.',
    fallback: 'alone',
  }),
  kubeconfig: setting.optional(pathKind, {
    doc: 'Kubeconfig of the cluster it is for: namespaces follow the real scope of each kind, and charts see its version and kinds. Without one no cluster is asked.',
  }),
  kubeVersion: setting(textKind('VERSION'), {
    doc: 'What charts take for the version of the cluster when none is asked.',
    fallback: 'v1.36.0',
  }),
  output: setting(choiceKind<'yaml' | 'json'>(['yaml', 'json']), {
    doc: 'How the objects are printed: -o.',
    fallback: 'yaml',
  }),
};

/** Settings of `flotilla-agent apply`. */
export const applySettings = {
  ...sourceSettings,
  name: setting(textKind('NAME'), {
    doc: 'Name of the set: what an earlier apply of the same name brought belongs to it.',
  }),
  kubeconfig: setting.optional(pathKind, {
    doc: 'Kubeconfig of the cluster; inside a cluster the service account is used when not given.',
  }),
  wait: setting(switchKind, {
    doc: 'Ends when everything is healthy, not when it is applied.',
    fallback: 'false',
  }),
  prune: setting(switchKind, {
    doc: 'Deletes what an earlier apply brought and this one does not have, within the budgets of a placement.',
    fallback: 'false',
  }),
  watch: setting(switchKind, {
    doc: 'Goes on until it is stopped: corrects drift, and applies what changes at the source.',
    fallback: 'false',
  }),
  intervalMs: setting(durationKind(second, 24 * hour), {
    doc: 'How often --watch looks at the source.',
    fallback: '30s',
  }),
  timeoutMs: setting(durationKind(second, 24 * hour), {
    doc: 'How long it may take until it counts as failed.',
    fallback: '10m',
  }),
  createNamespace: setting(switchKind, {
    doc: 'Makes the namespace when it is not there.',
    fallback: 'false',
  }),
  takeover: setting(choiceKind<ApplyPolicy['takeOver']>(['ifNoDiff', 'always', 'never']), {
    doc: 'What is done about objects that are there and not of this set.',
    fallback: 'ifNoDiff',
  }),
  agentNamespace: setting(textKind('NAME'), {
    doc: "Namespace of the cluster's own agent, which nothing may be put into.",
    fallback: agentSettings.namespace.fallback ?? '',
  }),
  stateDir: setting.optional(pathKind, {
    doc: 'Folder for the inventory. Default: one that goes away; the cluster itself tells what is of the set.',
  }),
  logLevel: setting(choiceKind(logLevels), { doc: 'Least level that is logged.', fallback: 'error' }),
  output: setting(choiceKind<'text' | 'json'>(['text', 'json']), {
    doc: 'How the outcome is printed: -o.',
    fallback: 'text',
  }),
};

/** Settings of `flotilla-agent health`. */
export const healthSettings = {
  file: setting(textKind('PATH'), {
    doc: 'Objects as kubectl get -o yaml or -o json prints them; - is the standard input: -f.',
    fallback: '-',
  }),
  output: setting(choiceKind<'text' | 'json'>(['text', 'json']), {
    doc: 'How the verdicts are printed: -o.',
    fallback: 'text',
  }),
};

export type SourceConfig = SettingsValues<typeof sourceSettings>;
export type RenderConfig = SettingsValues<typeof renderSettings>;
export type ApplyConfig = SettingsValues<typeof applySettings>;
export type HealthConfig = SettingsValues<typeof healthSettings>;

/** What no single setting shows. */
export const renderRules = [sourceRule(renderSettings)];
export const applyRules = [sourceRule(applySettings)];

function sourceRule<Table extends typeof sourceSettings>(table: Table) {
  return ruleOver(table)(['dir', 'repo'], ({ dir, repo }) =>
    (dir === undefined) === (repo === undefined)
      ? 'give one of --dir and --repo: where the content is'
      : undefined,
  );
}

/** Short flags, and a first argument that is no flag: a folder, or the URL of a repository. */
export function spellOut(args: readonly string[]): readonly string[] {
  const short = new Map([
    ['-o', '--output'],
    ['-f', '--file'],
    ['-n', '--namespace'],
  ]);
  const [first, ...rest] = args.map((arg) => short.get(arg) ?? arg);
  if (first === undefined || first.startsWith('-')) return first === undefined ? [] : [first, ...rest];
  return [first.includes('://') ? '--repo' : '--dir', first, ...rest];
}
