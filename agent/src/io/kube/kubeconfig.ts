import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { describeError } from '@flotilla/shared/base';
import type { KubeConfig, TokenSource } from './config.ts';
import { completeKubeConfig, KubeConfigError } from './config.ts';

/** Which part of a kubeconfig file is meant. */
export interface KubeconfigChoice {
  readonly path: string;
  /** Default: the file's `current-context`. */
  readonly context?: string;
}

/** Reads YAML text; the caller brings its own reader. */
export type ReadYaml = (
  text: string,
) => { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly text: string };

/**
 * Reads the part of a kubeconfig that an agent as a process needs: server, CA, client certificate, token, token file.
 * Relative paths count from the file's folder, as kubectl does. Login plug-ins are for people and are refused by name.
 */
export async function loadKubeconfig(choice: KubeconfigChoice, readYaml: ReadYaml): Promise<KubeConfig> {
  const text = await readFile(choice.path, 'utf8').catch((error: unknown) => {
    throw new KubeConfigError(`cannot read kubeconfig ${choice.path}: ${describeError(error)}`);
  });
  const file = parseFile(choice.path, readYaml(text));
  const contextName = choice.context ?? textIn(file, 'current-context');
  if (contextName === undefined || contextName === '')
    throw new KubeConfigError(`kubeconfig ${choice.path} has no current-context; name a context`);
  const context = entryOf(file, { list: 'contexts', inner: 'context', name: contextName, path: choice.path });
  const cluster = entryOf(file, {
    list: 'clusters',
    inner: 'cluster',
    name: textIn(context, 'cluster') ?? '',
    path: choice.path,
  });
  const userName = textIn(context, 'user');
  const user =
    userName === undefined || userName === ''
      ? {}
      : entryOf(file, { list: 'users', inner: 'user', name: userName, path: choice.path });
  return await assemble(choice.path, cluster, { name: userName ?? '', fields: user });
}

type Fields = Readonly<Record<string, unknown>>;

async function assemble(
  path: string,
  cluster: Fields,
  user: { readonly name: string; readonly fields: Fields },
): Promise<KubeConfig> {
  const folder = dirname(path);
  const serverUrl = textIn(cluster, 'server');
  if (serverUrl === undefined) throw new KubeConfigError(`kubeconfig ${path}: the cluster has no server`);
  refusePlugins(path, user.name, user.fields);
  return completeKubeConfig({
    serverUrl: serverUrl.replace(/\/+$/, ''),
    caPem: await dataOrFile(cluster, 'certificate-authority', folder),
    tlsServerName: textIn(cluster, 'tls-server-name'),
    isInsecure: cluster['insecure-skip-tls-verify'] === true,
    clientCertPem: await dataOrFile(user.fields, 'client-certificate', folder),
    clientKeyPem: await dataOrFile(user.fields, 'client-key', folder),
    token: tokenOf(user.fields, folder),
  });
}

function refusePlugins(path: string, userName: string, user: Fields): void {
  for (const field of ['exec', 'auth-provider', 'username', 'as'])
    if (user[field] !== undefined)
      throw new KubeConfigError(
        `kubeconfig ${path}: user ${userName} uses "${field}", which the agent does not support; ` +
          'give it a token, a token file or a client certificate (kubectl create token makes one)',
      );
}

function tokenOf(user: Fields, folder: string): TokenSource {
  const file = textIn(user, 'tokenFile');
  if (file !== undefined) return { kind: 'file', path: resolve(folder, file) };
  const token = textIn(user, 'token');
  return token === undefined ? { kind: 'none' } : { kind: 'text', token };
}

/** `<name>-data` (base64) wins over `<name>` (a path), as in kubectl. */
async function dataOrFile(fields: Fields, name: string, folder: string): Promise<string | undefined> {
  const data = textIn(fields, `${name}-data`);
  if (data !== undefined && data !== '') return Buffer.from(data, 'base64').toString('utf8');
  const path = textIn(fields, name);
  if (path === undefined || path === '') return undefined;
  return await readFile(resolve(folder, path), 'utf8').catch((error: unknown) => {
    throw new KubeConfigError(`cannot read ${name} of the kubeconfig: ${describeError(error)}`);
  });
}

function parseFile(path: string, reading: ReturnType<ReadYaml>): Fields {
  if (!reading.ok) throw new KubeConfigError(`kubeconfig ${path} is not valid YAML: ${reading.text}`);
  return fieldsOf(reading.value) ?? {};
}

function entryOf(
  file: Fields,
  wanted: { readonly list: string; readonly inner: string; readonly name: string; readonly path: string },
): Fields {
  const list = file[wanted.list];
  const entries = Array.isArray(list) ? list.map((item) => fieldsOf(item)) : [];
  const found = fieldsOf(entries.find((entry) => entry?.['name'] === wanted.name)?.[wanted.inner]);
  if (found === undefined)
    throw new KubeConfigError(`kubeconfig ${wanted.path}: no ${wanted.inner} is named "${wanted.name}"`);
  return found;
}

function fieldsOf(value: unknown): Fields | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  // An object from YAML: its keys are strings, its values unknown.
  return value as Fields;
}

function textIn(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'string' ? value : undefined;
}
