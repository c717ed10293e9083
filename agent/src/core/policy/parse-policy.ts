import { err, ok, type Result } from '@flotilla/shared/base';
import { parseSigner } from '@flotilla/shared/model';
import { isRecord } from '../health/fields.ts';
import type { AllowedRepository, LocalPolicy } from './local-policy.ts';

const apiVersion = 'flotilla.dev/v1alpha1';
const kind = 'AgentPolicy';
/** Of one list: a policy is written by a person. */
const entriesMax = 1_000;

/**
 * Reads a policy from the value of a YAML document. An unknown field, a wrong type or an entry that could never match is a
 * mistake and not a rule that is left out: what is not understood must not allow more. The errors name the field.
 */
export function parsePolicy(value: unknown, file: string): Result<LocalPolicy, readonly string[]> {
  const mistakes: string[] = [];
  const root = fieldsOf(value, '', ['apiVersion', 'kind', 'metadata', 'spec'], mistakes);
  if (root['apiVersion'] !== apiVersion) mistakes.push(`apiVersion is not ${apiVersion}`);
  if (root['kind'] !== kind) mistakes.push(`kind is not ${kind}`);
  const names = ['repositories', 'kinds', 'namespaces', 'clusterKinds', 'deletesMax'];
  const spec = fieldsOf(root['spec'], 'spec', names, mistakes);
  const policy = {
    file,
    repositories: listOf(spec['repositories'], 'spec.repositories', mistakes)?.map((one, index) =>
      repositoryOf(one, `spec.repositories[${index}]`, mistakes),
    ),
    kinds: textsOf(spec['kinds'], { field: 'spec.kinds', ...kindText }, mistakes),
    namespaces: textsOf(spec['namespaces'], { field: 'spec.namespaces', ...namespaceText }, mistakes),
    clusterKinds: textsOf(spec['clusterKinds'], { field: 'spec.clusterKinds', ...kindText }, mistakes),
    deletesMax: countOf(spec['deletesMax'], 'spec.deletesMax', mistakes),
  };
  return mistakes.length === 0 ? ok(policy) : err(mistakes);
}

interface TextRule {
  readonly pattern: RegExp;
  readonly wanted: string;
}

const kindText: TextRule = {
  pattern: /^(?:[A-Z][A-Za-z0-9]*(?:\.[a-z0-9][a-z0-9.-]*)?|\*\.[a-z0-9][a-z0-9.-]*)$/,
  wanted: 'Kind, Kind.group or *.group',
};
const namespaceText: TextRule = {
  pattern: /^(?:[a-z0-9]([a-z0-9-]*[a-z0-9])?|[a-z0-9][a-z0-9-]*\*|\*)$/,
  wanted: 'a namespace, or what namespaces begin with and *',
};
const pathText: TextRule = {
  pattern: /^(?!\.{1,2}(?:\/|$))[^/\\]+(?:\/(?!\.{1,2}(?:\/|$))[^/\\]+)*$/,
  wanted: 'a folder of the repository, without a / at its beginning or end',
};
/** https, SSH in both of its forms, and http to loopback hosts, as rows name repositories. */
const urlText: TextRule = {
  pattern: /^(?:https?:\/\/|ssh:\/\/|[^\s/:]+@[^\s/:]+:)[^\s]+$/,
  wanted: 'a repository URL, or its beginning up to a /',
};

function repositoryOf(value: unknown, field: string, mistakes: string[]): AllowedRepository {
  const one = fieldsOf(value, field, ['url', 'paths', 'signers'], mistakes);
  const [url = ''] = textsOf([one['url']], { field: `${field}.url`, ...urlText }, mistakes) ?? [];
  // A beginning that ends within a host would allow hosts of others.
  if (url.endsWith('/') && !/^(?:[a-z]+:\/\/[^/]+|[^/]+@[^/:]+:.*)\//.test(url))
    mistakes.push(`${field}.url ends within the name of a host`);
  const signers = listOf(one['signers'], `${field}.signers`, mistakes);
  for (const [index, signer] of (signers ?? []).entries()) {
    const read = parseSigner(String(signer));
    if (!read.ok) mistakes.push(`${field}.signers[${index}] ${read.error}`);
  }
  return {
    url,
    paths: textsOf(one['paths'], { field: `${field}.paths`, ...pathText }, mistakes),
    signers: signers?.map(String),
  };
}

/** The members of a mapping; whatever else is there is a mistake. */
function fieldsOf(
  value: unknown,
  field: string,
  names: readonly string[],
  mistakes: string[],
): { readonly [name: string]: unknown } {
  if (!isRecord(value)) {
    mistakes.push(`${field || 'the document'} is not a mapping`);
    return {};
  }
  for (const name of Object.keys(value))
    if (!names.includes(name))
      mistakes.push(`${field === '' ? name : `${field}.${name}`} is not known: there is ${names.join(', ')}`);
  return value;
}

/** An empty list would allow nothing, and is more likely a mistake: to allow nothing, run no agent. */
function listOf(value: unknown, field: string, mistakes: string[]): readonly unknown[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || value.length === 0 || value.length > entriesMax) {
    mistakes.push(`${field} is not a list of 1 to ${entriesMax}; leave it out to limit nothing`);
    return [];
  }
  return value;
}

function textsOf(
  value: unknown,
  { field, pattern, wanted }: TextRule & { readonly field: string },
  mistakes: string[],
): readonly string[] | undefined {
  const list = listOf(value, field, mistakes);
  for (const one of list ?? [])
    if (typeof one !== 'string' || !pattern.test(one))
      mistakes.push(`${field}: ${JSON.stringify(one) ?? 'nothing'} is not ${wanted}`);
  return list?.map(String);
}

function countOf(value: unknown, field: string, mistakes: string[]): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  mistakes.push(`${field} is not a whole number of 0 or more`);
  return undefined;
}
