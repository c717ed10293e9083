import { checkAddressRange, clusterRanges } from '@flotilla/shared/git/address-range';
import { parseProxyUrl } from '@flotilla/shared/git/proxy';
import {
  addressKind,
  choiceKind,
  durationKind,
  type LogFormat,
  listKind,
  logLevels,
  pathKind,
  ruleOver,
  type SettingsValues,
  setting,
  switchKind,
  textKind,
} from '@flotilla/shared/kit';
import { isLoopbackHost } from '@flotilla/shared/model';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** Where the agent keeps what it must not lose. */
export type StateStoreKind = 'folder' | 'secrets';

/** Every setting of `flotilla-agent`; names, defaults and meanings in one place (`--help` is made from it). */
export const agentSettings = {
  stateDir: setting(pathKind, {
    doc: 'Folder for identity, held assignments, inventory and last known good content; made when absent.',
    fallback: './flotilla-agent-state',
  }),
  stateStore: setting(choiceKind<StateStoreKind>(['folder', 'secrets']), {
    doc: 'Where identity, held assignments, inventory and content are kept: below state-dir, or in Secrets of the namespace of the agent, which a pod on another node finds again; state-dir then holds only what may be lost.',
    fallback: 'folder',
  }),
  cacheDir: setting.optional(pathKind, {
    doc: 'Folder of the content cache; may be lost at any time. Default: the folder cache below state-dir.',
  }),
  join: setting.optional(textKind('LINE'), {
    doc: 'Join line printed by "flotilla cluster join-command": HOST:PORT/flt1.…. Another line than the last makes the agent join again.',
  }),
  joinFile: setting.optional(pathKind, { doc: 'File that holds the join line.' }),
  clusterName: setting.optional(textKind('NAME'), {
    doc: 'Name to join under when the join line fixes none.',
  }),
  insecureSkipPin: setting(switchKind, {
    doc: 'Joins a hub on a loopback address without looking at its pin.',
    fallback: 'false',
  }),
  kubeconfig: setting.optional(pathKind, {
    doc: 'Kubeconfig of the cluster to keep; inside a cluster its service account is used when not given.',
  }),
  kubeContext: setting.optional(textKind('NAME'), {
    doc: 'Context of the kubeconfig; its current one when not given.',
  }),
  namespace: setting(textKind('NAME'), {
    doc: "The agent's own namespace: assignments may not touch it.",
    fallback: 'flotilla-system',
  }),
  policyFile: setting.optional(pathKind, {
    doc: 'File of what this cluster accepts, whatever the hub says: repositories, paths, signers, kinds, namespaces, deletes. Read at the start; one that cannot be read or understood lets no agent start.',
  }),
  kustomize: setting(textKind('PATH'), {
    doc: 'The kustomize program; found on PATH when it is a bare name.',
    fallback: 'kustomize',
  }),
  helm: setting(textKind('PATH'), {
    doc: 'The helm program, version 3; found on PATH when it is a bare name.',
    fallback: 'helm',
  }),
  credentialsDir: setting.optional(pathKind, {
    doc: 'Folder of mounted credentials: one folder for each name with the files url, and token, or username and password, or ssh-privatekey and known_hosts.',
  }),
  plainHttpHosts: setting(listKind(textKind('HOST')), {
    doc: 'Loopback hosts to which plain http is allowed for Git.',
    fallback: '',
  }),
  deniedRanges: setting(listKind({ placeholder: 'RANGE', parse: checkAddressRange }), {
    doc: 'Addresses that no Git URL may lead to; the default is what installers give to pods and Services. Link-local, metadata and, save for plain-http-hosts, loopback addresses are denied always.',
    fallback: clusterRanges.join(','),
  }),
  gitProxy: setting.optional(
    { placeholder: 'URL', parse: parseProxyUrl },
    {
      doc: 'HTTP proxy for Git over https, as http://[USER:PASSWORD@]HOST:PORT; none for no proxy. When not given: HTTPS_PROXY. Names are then resolved by the proxy.',
      standardVariables: ['https_proxy', 'HTTPS_PROXY'],
    },
  ),
  noProxy: setting(listKind(textKind('HOST')), {
    doc: 'Hosts that Git reaches without the proxy: names with all below them, addresses, ranges. When not given: NO_PROXY. Hosts of this machine never go through it.',
    fallback: '',
    standardVariables: ['no_proxy', 'NO_PROXY'],
  }),
  gitSilenceMs: setting(durationKind(second, hour), {
    doc: 'How long a Git server may be silent before a fetch from it counts as failed.',
    fallback: '30s',
  }),
  healthAddress: setting(addressKind, {
    doc: 'Health, readiness and metrics.',
    fallback: ':7445',
  }),
  resyncIntervalMs: setting(durationKind(10 * second, 24 * hour), {
    doc: 'How often everything is compared again, whatever the watches said.',
    fallback: '10m',
  }),
  streamFallbackMs: setting(durationKind(second, hour), {
    doc: 'How long the bus must be away before reports go over the hub stream.',
    fallback: '1m',
  }),
  busReconnectMaxMs: setting(durationKind(100, 10 * minute), {
    doc: 'Longest wait between two attempts to reach the bus; a large fleet must not come back in one moment.',
    fallback: '1m',
  }),
  logLevel: setting(choiceKind(logLevels), {
    doc: 'Least level that is logged.',
    fallback: 'info',
  }),
  logFormat: setting(choiceKind<LogFormat>(['auto', 'json', 'text']), {
    doc: 'auto is text on a terminal and JSON otherwise.',
    fallback: 'auto',
  }),
};

/** The agent's configuration: frozen, complete, checked. */
export type AgentConfig = SettingsValues<typeof agentSettings>;

const rule = ruleOver(agentSettings);

/** What no single setting shows. */
export const agentRules = [
  rule(['join', 'joinFile'], ({ join, joinFile }, from) =>
    join === undefined || joinFile === undefined
      ? undefined
      : `join and join-file are both given: give one (${from('join')}, ${from('joinFile')})`,
  ),
  rule(['plainHttpHosts'], ({ plainHttpHosts }, from) =>
    plainHttpHosts
      .filter((host) => !isLoopbackHost(host))
      .map(
        (host) =>
          `plain-http-hosts: ${host} is not a loopback host: reach it over https (${from('plainHttpHosts')})`,
      ),
  ),
];
