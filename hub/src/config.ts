import { checkAddressRange, clusterRanges } from '@flotilla/shared/git/address-range';
import { parseProxyUrl } from '@flotilla/shared/git/proxy';
import {
  addressKind,
  choiceKind,
  durationKind,
  gitUrlKind,
  hostKind,
  integerKind,
  type LogFormat,
  listKind,
  logLevels,
  pathKind,
  ruleOver,
  type SettingsValues,
  setting,
  textKind,
  urlKind,
} from '@flotilla/shared/kit';
import { isLoopbackHost, isSshUrl } from '@flotilla/shared/model';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Every setting of `flotilla-hub`; names, defaults and meanings in one place (`--help` is made from it). */
export const hubSettings = {
  dataDir: setting(pathKind, {
    doc: 'Folder for keys, the bus store and caches; made when absent.',
    fallback: './flotilla-data',
  }),
  identityDir: setting.optional(pathKind, {
    doc: "Folder of the fleet's keys where it is not identity in data-dir; read only, the same for every hub process of the fleet.",
  }),
  controlUrl: setting(gitUrlKind, {
    doc: 'Git URL of the control repository, over https or SSH (ssh://…, user@host:path); plain http only to hosts in plain-http-hosts.',
  }),
  controlRef: setting(textKind('REF'), {
    doc: 'Branch, tag or commit of the control repository to follow.',
    fallback: 'main',
  }),
  controlCredential: setting.optional(textKind('NAME'), {
    doc: 'Credential for the control repository, by its name in credentials-dir.',
  }),
  controlCaFile: setting.optional(pathKind, {
    doc: "PEM file of certificates to trust for the control repository besides the system's.",
  }),
  controlSignersFile: setting.optional(pathKind, {
    doc: 'File of those who may sign commits of the control repository: OpenSSH public keys, fingerprints and OpenPGP key blocks, one after the other. When given, no other commit comes into force.',
  }),
  credentialsDir: setting.optional(pathKind, {
    doc: 'Folder of mounted credentials: one folder for each name with the files url, and token, or username and password, or ssh-privatekey and known_hosts.',
  }),
  plainHttpHosts: setting(listKind(textKind('HOST')), {
    doc: 'Loopback hosts to which plain http is allowed for Git and webhook checks.',
    fallback: '',
  }),
  deniedRanges: setting(listKind({ placeholder: 'RANGE', parse: checkAddressRange }), {
    doc: 'Addresses that no URL of Git or of a check may lead to; the default is what installers give to pods and Services. Link-local, metadata and, save for plain-http-hosts, loopback addresses are denied always.',
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
  pollIntervalMs: setting(durationKind(second, day), {
    doc: 'How often refs are looked at; a webhook makes it immediate.',
    fallback: '30s',
  }),
  gitSilenceMs: setting(durationKind(second, hour), {
    doc: 'How long a Git server may be silent before the look at it counts as failed.',
    fallback: '30s',
  }),
  httpAddress: setting(addressKind, {
    doc: 'Where API and command line are served; loopback only until users and roles exist.',
    fallback: '127.0.0.1:7440',
  }),
  agentsAddress: setting(addressKind, { doc: "The agents' listener (mutual TLS).", fallback: ':7443' }),
  enrolAddress: setting(addressKind, { doc: 'Where new agents enrol (TLS).', fallback: ':7444' }),
  healthAddress: setting(addressKind, {
    doc: 'Health, readiness and metrics.',
    fallback: '127.0.0.1:7445',
  }),
  webhookAddress: setting.optional(addressKind, {
    doc: 'Git webhooks (POST /hooks/git); off when not given. Needs webhook-secret-file.',
  }),
  webhookSecretFile: setting.optional(pathKind, {
    doc: 'File with the secret that webhooks are signed with.',
  }),
  advertiseHosts: setting(listKind(hostKind), {
    doc: 'Names and addresses under which agents reach this hub; the first stands in join lines, all in certificates.',
    fallback: 'localhost,127.0.0.1',
  }),
  trustDomain: setting(textKind('NAME'), {
    doc: 'Trust domain of the certificates; fixed for the life of the fleet.',
    fallback: 'flotilla',
  }),
  agentCertificateLifeMs: setting(durationKind(10 * second, 90 * day), {
    doc: "Life of an agent's certificate; renewed at half of it.",
    fallback: '7d',
  }),
  busCredentialLifeMs: setting(durationKind(10 * second, 90 * day), {
    doc: "Life of an agent's bus credential; renewed at half of it.",
    fallback: '1d',
  }),
  natsServer: setting(textKind('PATH'), {
    doc: 'The nats-server program that the hub runs as its child; found on PATH when it is a bare name.',
    fallback: 'nats-server',
  }),
  natsAddress: setting(addressKind, {
    doc: 'Where the child NATS server listens for agents.',
    fallback: ':4222',
  }),
  natsUrls: setting(listKind(urlKind(['tls:', 'nats:'])), {
    doc: 'An external NATS instead of the child: its URLs. flotilla-hub nats-config prints what it needs.',
    fallback: '',
  }),
  natsReplicas: setting(integerKind(1, 5), {
    doc: 'Replicas of streams and buckets on an external NATS cluster.',
    fallback: '1',
  }),
  startGraceMs: setting(durationKind(0, hour), {
    doc: 'After its start the hub calls no cluster offline for so long.',
    fallback: '5m',
  }),
  offlineGraceMs: setting(durationKind(0, hour), {
    doc: 'Unbroken health of the hub that must pass beyond a deadline before silence counts as failure.',
    fallback: '5m',
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

/** The hub's configuration: frozen, complete, checked. */
export type HubConfig = SettingsValues<typeof hubSettings>;

const rule = ruleOver(hubSettings);

/** What no single setting shows. */
export const hubRules = [
  rule(['httpAddress'], ({ httpAddress: { host } }, from) =>
    isLoopbackHost(host)
      ? undefined
      : `http-address ${host} is not a loopback address: the API has no users yet, so it stays on this machine; give 127.0.0.1:PORT (${from('httpAddress')})`,
  ),
  rule(['webhookAddress', 'webhookSecretFile'], ({ webhookAddress, webhookSecretFile }, from) => {
    if ((webhookAddress === undefined) === (webhookSecretFile === undefined)) return undefined;
    const [given, missing, where] =
      webhookAddress === undefined
        ? ['webhook-secret-file', 'webhook-address', from('webhookSecretFile')]
        : ['webhook-address', 'webhook-secret-file', from('webhookAddress')];
    return `${given} is given without ${missing}: give both or neither (${where})`;
  }),
  rule(['controlUrl', 'plainHttpHosts'], ({ controlUrl, plainHttpHosts }, from) => {
    const { protocol, hostname } = URL.parse(controlUrl) ?? { protocol: 'ssh:', hostname: '' };
    if (protocol !== 'http:' || plainHttpHosts.includes(hostname)) return undefined;
    return `control-url is plain http to ${hostname}: use https, or for a loopback host list it in plain-http-hosts (${from('controlUrl')})`;
  }),
  rule(['plainHttpHosts'], ({ plainHttpHosts }, from) =>
    plainHttpHosts
      .filter((host) => !isLoopbackHost(host))
      .map(
        (host) =>
          `plain-http-hosts: ${host} is not a loopback host: reach it over https (${from('plainHttpHosts')})`,
      ),
  ),
  rule(['controlUrl', 'controlCredential'], ({ controlUrl, controlCredential }, from) =>
    isSshUrl(controlUrl) && controlCredential === undefined
      ? `control-url is reached over SSH, and control-credential names no key: give one with ssh-privatekey and known_hosts (${from('controlUrl')})`
      : undefined,
  ),
  rule(['advertiseHosts'], ({ advertiseHosts }, from) =>
    advertiseHosts.length > 0
      ? undefined
      : `advertise-hosts is empty: agents need a name to dial (${from('advertiseHosts')})`,
  ),
];
