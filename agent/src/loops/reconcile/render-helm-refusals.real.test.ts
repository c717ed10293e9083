import { readdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import {
  byHelm,
  chart,
  folder,
  map,
  mistakesOf,
  objectsOf,
  useCharts,
  withTemplate,
} from './charts-fixture.ts';

useCharts();

describe('lookup', () => {
  const asks = '{{ (lookup "v1" "Secret" "shop" "x").data }}';
  it('is refused where it is reached, through a helper too, and nowhere else', async () => {
    expect(await mistakesOf(withTemplate(map('x', `a: "${asks}"`)))).toEqual([
      expect.stringMatching(/^web\/templates\/x.yaml:1, line 5: calls lookup, which asks the cluster/),
    ]);
    const helper = { 'web/templates/_h.tpl': `{{ define "h" }}\n${asks}\n{{ end }}` };
    expect(await mistakesOf({ ...withTemplate('{{ include "h" . }}'), ...helper })).toEqual([
      expect.stringMatching(/^web\/templates\/_h.tpl:1, line 2: calls lookup/),
    ]);
    expect(await objectsOf(withTemplate(`{{ if .Values.never }}${asks}{{ end }}\n`))).toHaveLength(1);
  });
});

describe('what comes out differently each time', () => {
  it.each([
    [
      'chance',
      'p: {{ randAlphaNum 12 | quote }}',
      /ConfigMap x .*\(data\.p\): the chart calls randAlphaNum \(web\/templates\/x.yaml, line 5\)/,
    ],
    [
      'the clock, in whole seconds too',
      'p: {{ now | unixEpoch | quote }}',
      /\(data\.p\): the chart calls now /,
    ],
    [
      'a map in no order',
      'p: {{ $d := dict }}{{ range until 1000 }}{{ $_ := set $d (toString .) 1 }}{{ end }}{{ keys $d | join "" | quote }}',
      /calls keys /,
    ],
  ])('is refused with object, field and call: %s', async (_what, line, says) => {
    // Go begins at a place of its own in a map: with a thousand of them two renders hardly ever agree, with few they may.
    const [first, ...more] = await mistakesOf(withTemplate(map('x', line)));
    expect([first, more]).toEqual([expect.stringMatching(says), []]);
  });

  it('is fine when a value stands in its place, or a patch does', async () => {
    const template = withTemplate(map('x', 'p: {{ default (randAlphaNum 12) .Values.p }}'));
    expect(await objectsOf(template, { valuesJson: '{"p":"mine"}' })).toHaveLength(2);
    const patches = [{ target: { name: 'x' }, kind: 'merge' as const, patchJson: '{"data":{"p":"mine"}}' }];
    expect(await objectsOf(template, {}, { patches })).toContainEqual(
      expect.objectContaining({ data: { p: 'mine' } }),
    );
  });
});

describe('the child of a chart', () => {
  it('reaches nothing that listens on this machine: what would lead there is refused before', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    // A server that listens on TCP has an address with a port.
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`;
    const schema = {
      ...chart,
      'web/values.schema.json': JSON.stringify({ properties: { a: { $ref: url } } }),
    };
    const dependency = `dependencies: [{name: far, version: 1.0.0, repository: "${url}"}]\n`;
    const remote = { ...chart, 'web/Chart.yaml': chart['web/Chart.yaml'] + dependency };
    try {
      expect(await mistakesOf(schema)).toEqual([expect.stringContaining('which is not fetched')]);
      expect(await mistakesOf(remote)).toEqual([expect.stringContaining('depends on chart far')]);
      expect(await mistakesOf(chart, { valuesFiles: [url] })).toEqual([
        expect.stringContaining('is not among the files'),
      ]);
      expect(asked).toEqual([]);
      // The same schema, given to the child alone, is followed.
      await byHelm(schema).catch(() => undefined);
      expect(asked).toEqual(['/x']);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('leaves nothing behind', async () => {
    await objectsOf(chart);
    expect((await readdir(folder)).filter((name) => name.startsWith('flotilla-render-'))).toEqual([]);
  });
});
