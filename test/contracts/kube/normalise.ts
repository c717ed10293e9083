import type { Json } from '@flotilla/shared/base';

/** Names that differ from run to run, with what they are written as. */
export type Aliases = readonly (readonly [text: string, alias: string])[];

/**
 * Takes out of answers what may differ between two runs or two servers that behave the same: uids, versions, times,
 * addresses, generated names. Uids and versions keep their identity: the same value gets the same number, in order of
 * appearance, so that `changed` and `unchanged` stay visible.
 */
export function normaliseAnswers(answers: Json, fixedAliases: Aliases): Json {
  const aliases = [...fixedAliases, ...generatedNames(answers)];
  const uids = numbering('uid');
  const versions = numbering('version');
  const text = (value: string): string =>
    aliases
      .reduce((current, [name, alias]) => current.replaceAll(name, alias), value)
      .replace(uidPattern, (uid) => uids(uid))
      .replace(timePattern, '<time>')
      .replace(/kube-api-access-[a-z0-9]{5}/g, 'kube-api-access-<suffix>')
      .replace(/(ReplicaSet|new replica set) "([a-z0-9-]+?)-[a-z0-9]{6,10}"/g, '$1 "$2-<hash>"')
      .replace(/too old resource version: \d+ \(\d+\)/g, 'too old resource version: <old> (<oldest>)')
      .replace(
        /(ResourceVersion in (?:the precondition|record) )\((\d+)\)/g,
        (_, head, version) => `${head}(${versions(version)})`,
      )
      // The API server prints the refused template as its own Go types.
      .replace(
        /Invalid value: \{.*"[sS]pec":.*\}: field is immutable/g,
        'Invalid value: <template>: field is immutable',
      )
      .replace(/node-00000\d/g, '<node>');
  return walk(answers, { text, versions });
}

/** Every generated name in the answers, so that it is recognised in labels and messages too. */
function generatedNames(value: Json): Aliases {
  if (Array.isArray(value)) return value.flatMap((item: Json) => generatedNames(item));
  if (typeof value !== 'object' || value === null) return [];
  // JSON objects have string keys.
  const object = value as JsonObject;
  const below = Object.values(object).flatMap((item) => (item === undefined ? [] : generatedNames(item)));
  const refused = refusedNames(String(object['message'] ?? ''));
  const { name, generateName } = object;
  if (typeof generateName !== 'string' || typeof name !== 'string' || /-\d+$/.test(name))
    return [...refused, ...below];
  return [[name, `${plainHash(generateName)}<suffix>`], ...refused, ...below];
}

/** `create Deployment x/web-*: Deployment.apps "web-q9lt9" is invalid`: the name that the server made. */
function refusedNames(message: string): Aliases {
  const [, prefix = '', name] = /^create \S+ \S*?([a-z0-9-]+-)\*: \S+ "(\1[a-z0-9]{5})"/.exec(message) ?? [];
  return name === undefined ? [] : [[name, `${prefix}<suffix>`]];
}

interface Tools {
  readonly text: (value: string) => string;
  readonly versions: (version: string) => string;
}

const uidPattern = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const timePattern = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

/** Fields whose text is an address, a port or a version; `None` and empty ones stay. */
const replaced: Readonly<Record<string, string>> = {
  clusterIP: '<ip>',
  clusterIPs: '<ips>',
  podIP: '<ip>',
  podIPs: '<ips>',
  hostIP: '<ip>',
  hostIPs: '<ips>',
  nodePort: '<port>',
  healthCheckNodePort: '<port>',
};

/** Labels and fields that hold a template's hash. */
const hashes = ['pod-template-hash', 'controller-revision-hash', 'currentRevision', 'updateRevision'];

function walk(value: Json, tools: Tools): Json {
  if (typeof value === 'string') return tools.text(value);
  if (Array.isArray(value)) return value.map((item: Json) => walk(item, tools));
  if (typeof value !== 'object' || value === null) return value;
  const object: Record<string, Json> = {};
  for (const [key, item] of Object.entries(withPlainName(value as JsonObject))) {
    if (item === undefined) continue;
    object[walkKey(key, tools)] = walkField(key, item, tools);
  }
  return object;
}

interface JsonObject {
  readonly [key: string]: Json | undefined;
}

function walkKey(key: string, tools: Tools): string {
  return key.startsWith('k:{"ip":') ? 'k:<ip>' : tools.text(key);
}

function walkField(key: string, value: Json, tools: Tools): Json {
  const alias = replaced[key];
  if (alias !== undefined && isAddress(value)) return alias;
  if (key === 'resourceVersion' && typeof value === 'string') return tools.versions(value);
  if (hashes.includes(key) && typeof value === 'string') return value.replace(/[a-z0-9]{6,10}$/, '<hash>');
  if (key === 'managedFields' && Array.isArray(value))
    return [...value].sort(byManager).map((item) => walk(item, tools));
  if (key === 'conditions' && Array.isArray(value))
    return [...value].sort(byType).map((item) => walk(item, tools));
  if (key === 'causes' && Array.isArray(value)) return distinct(value).map((item) => walk(item, tools));
  return walk(value, tools);
}

/** Causes in order, each once: some validations of the API server run several times. */
function distinct(causes: readonly Json[]): readonly Json[] {
  const texts = new Set(causes.map((cause) => JSON.stringify(cause)));
  return [...texts].sort().map((text) => JSON.parse(text));
}

function isAddress(value: Json): boolean {
  if (typeof value === 'number') return true;
  if (Array.isArray(value)) return value.length > 0 && value[0] !== 'None';
  return typeof value === 'string' && value !== '' && value !== 'None';
}

/** Objects with a generated name are known by its prefix; a Deployment's ReplicaSet by its Deployment. */
function withPlainName(object: JsonObject): JsonObject {
  const { name, generateName } = object;
  if (
    typeof generateName === 'string' &&
    typeof name === 'string' &&
    /[a-z0-9]{5}$/.test(name) &&
    !/-\d+$/.test(name)
  )
    return { ...object, generateName: plainHash(generateName), name: `${plainHash(generateName)}<suffix>` };
  return typeof name === 'string' && hasHashLabel(object)
    ? { ...object, name: plainHash(`${name}-`).slice(0, -1) }
    : object;
}

function hasHashLabel(object: JsonObject): boolean {
  const labels = object['labels'];
  return typeof labels === 'object' && labels !== null && 'pod-template-hash' in labels;
}

/** `web-5d8c6f7b9-` is `web-<hash>-`. */
function plainHash(name: string): string {
  return name.replace(/-[a-z0-9]{8,10}-$/, '-<hash>-');
}

function numbering(what: string): (value: string) => string {
  const known = new Map<string, string>();
  return (value) => {
    const number = known.get(value) ?? `<${what} ${known.size + 1}>`;
    known.set(value, number);
    return number;
  };
}

function byManager(left: Json, right: Json): number {
  return byText(managerOf(left), managerOf(right));
}

/** Conditions are a list by type; which of two a controller sees and writes first differs from run to run. */
function byType(left: Json, right: Json): number {
  const typeOf = (condition: Json) => (condition as JsonObject)['type'] ?? '';
  return byText(typeOf(left), typeOf(right));
}

function managerOf(entry: Json): Json {
  const { manager, operation, subresource, apiVersion } = entry as JsonObject;
  return [operation ?? '', manager ?? '', subresource ?? '', apiVersion ?? ''];
}

function byText(left: Json, right: Json): number {
  const [a, b] = [JSON.stringify(left), JSON.stringify(right)];
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
