import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { scanKustomize } from '@flotilla/agent/core';
import { openKustomize } from '@flotilla/agent/io/render';
import { describe, expect, it } from 'vitest';
import { findTool } from '../../tools/index.ts';
import { never } from '../never.ts';

const file = (path: string, text: string) => ({ path, bytes: new TextEncoder().encode(text) });
const configMap = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  a: "1"\n';

/** Test only: a server on loopback that answers everything with a patch, as the agent's own metrics would be answered. */
async function listenOnLoopback() {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end(configMap.replace('a: "1"', 'stolen: "yes"'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server that listens on TCP has an address with a port.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/x`,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const generator = (url: string) =>
  `apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: g}\nfiles: ["k=${url}"]\n`;
const patcher = (url: string) =>
  `apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: t}\npath: ${url}\n`;
const withObject = (text: string) => `resources: [cm.yaml]\n${text}\n`;

/** Ways to have kustomize fetch something, each of which its child alone would follow to this machine's loopback. */
const ways: readonly [string, (url: string) => { readonly [path: string]: string }][] = [
  [
    'a patch of the kustomization, with a query',
    (url) => ({ 'kustomization.yaml': withObject(`patches: [{path: "${url}?a=b"}]`) }),
  ],
  [
    'a file of generators',
    (url) => ({ 'kustomization.yaml': withObject('generators: [g.yaml]'), 'g.yaml': generator(url) }),
  ],
  [
    'a file of transformers',
    (url) => ({ 'kustomization.yaml': withObject('transformers: [t.yaml]'), 't.yaml': patcher(url) }),
  ],
  [
    'a file of validators',
    (url) => ({ 'kustomization.yaml': withObject('validators: [t.yaml]'), 't.yaml': patcher(url) }),
  ],
  [
    'a plug-in in the kustomization',
    (url) => ({ 'kustomization.yaml': JSON.stringify({ generators: [generator(url)] }) }),
  ],
  [
    'a folder of plug-ins',
    (url) => ({
      'kustomization.yaml': withObject('generators: [plugins]'),
      'plugins/kustomization.yaml': 'resources: [g.yaml]',
      'plugins/g.yaml': generator(url),
    }),
  ],
  [
    'a plug-in that is patched on its way',
    (url) => ({
      'kustomization.yaml': withObject('generators: [plugins]'),
      'plugins/kustomization.yaml': JSON.stringify({
        resources: ['g.yaml'],
        patches: [{ patch: generator(url) }],
      }),
      'plugins/g.yaml': generator('local.txt'),
    }),
  ],
  [
    'a list of plug-ins',
    (url) => ({
      'kustomization.yaml': withObject('generators: [g.json]'),
      'g.json': JSON.stringify({
        apiVersion: 'v1',
        kind: 'List',
        items: [
          { apiVersion: 'builtin', kind: 'ConfigMapGenerator', metadata: { name: 'g' }, files: [`k=${url}`] },
        ],
      }),
    }),
  ],
  [
    'a field in another case',
    (url) => ({ 'kustomization.yaml': withObject('Generators: [g.yaml]'), 'g.yaml': generator(url) }),
  ],
  [
    'a base in a field in another case',
    (url) => ({
      'kustomization.yaml': 'ReSources: [base]',
      'base/kustomization.yaml': 'generators: [g.yaml]',
      'base/g.yaml': generator(url),
    }),
  ],
];

describe('what listens on loopback of this machine', () => {
  it.each(ways)('is reached by the child alone, and so refused before, through %s', async (_name, make) => {
    await using server = await listenOnLoopback();
    const given = { 'cm.yaml': configMap, ...make(server.url) };
    const files = Object.entries(given).map(([path, text]) => file(path, text));
    const kustomize = openKustomize({ program: (await findTool('kustomize')).path });

    const problems = scanKustomize(files, '');
    await kustomize.build({ files, path: '' }, never).catch(() => undefined);

    expect(server.asked).not.toEqual([]);
    expect(problems).not.toEqual([]);
  });
});
