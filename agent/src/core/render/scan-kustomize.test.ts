import { describe, expect, it } from 'vitest';
import { scanKustomize } from './scan-kustomize.ts';
import { formatProblem } from './source-object.ts';

const filesOf = (files: { readonly [path: string]: string }) =>
  Object.entries(files).map(([path, text]) => ({ path, bytes: new TextEncoder().encode(text) }));

describe('scanKustomize', () => {
  const scan = (files: { readonly [path: string]: string }) =>
    scanKustomize(filesOf(files), 'app/prod').map(formatProblem);

  it('follows bases outside the path and finds nothing wrong with local ones', () => {
    expect(
      scan({
        'app/prod/kustomization.yaml':
          'resources: [../base, ./x.yaml]\nconfigMapGenerator: [{name: a, literals: ["url=https://example.org"]}]\npatches: [{path: p.yaml}]\ncommonAnnotations: {docs: https://example.org}',
        'app/prod/x.yaml': '',
        'app/base/kustomization.yaml': 'resources: [../../lib/common]',
        'lib/common/kustomization.yaml': 'components: []',
      }),
    ).toEqual([]);
  });

  it.each([
    ['a repository', 'resources: ["https://github.com/o/r//deploy?ref=v1"]'],
    ['a repository over ssh', 'resources: ["git@github.com:o/r.git"]'],
    ['a short repository name', 'resources: ["github.com/o/r//deploy"]'],
    ['a remote patch', 'patches: [{path: "https://example.org/p.yaml"}]'],
    ['a remote generator file', 'configMapGenerator: [{name: a, files: ["k=https://example.org/x"]}]'],
    ['a remote schema', 'openapi: {path: "https://example.org/s.json"}'],
    ['a remote component', 'components: ["ssh://host/r"]'],
    ['a URL with an = of its own', 'patches: [{path: "http://127.0.0.1:8080/p?of=this"}]'],
    ['a URL in another case', 'patches: [{path: "HTTP://127.0.0.1:8080/p"}]'],
    ['a remote definition', 'crds: ["http://127.0.0.1:8080/crd.json"]'],
    ['a remote configuration', 'configurations: ["http://127.0.0.1:8080/c.yaml"]'],
    ['a remote replacement', 'replacements: [{path: "http://127.0.0.1:8080/r.yaml"}]'],
    ['a remote file of plug-ins', 'transformers: ["http://127.0.0.1:8080/t.yaml"]'],
    ['a remote folder of plug-ins', 'generators: ["github.com/o/r//plugins"]'],
  ])('refuses %s', (_name, text) => {
    expect(scan({ 'app/prod/kustomization.yaml': text })[0]).toContain('is remote');
  });

  it('finds remote bases of bases', () => {
    const problems = scan({
      'app/prod/kustomization.yaml': 'resources: [../base]',
      'app/base/kustomization.yaml': '# base\nresources:\n- https://example.org/all.yaml',
    });
    expect(problems).toEqual([expect.stringMatching(/^app\/base\/kustomization\.yaml:1: .*is remote/)]);
  });

  it('refuses missing files, ways out of the repository, and bases without a kustomization', () => {
    expect(
      scan({ 'app/prod/kustomization.yaml': 'resources: [gone.yaml, ../../../etc, /etc/passwd]' }),
    ).toHaveLength(3);
    expect(
      scan({ 'app/prod/kustomization.yaml': 'resources: [../base]', 'app/base/x.yaml': '' })[0],
    ).toContain('has no kustomization.yaml');
  });

  it('refuses charts and program plug-ins', () => {
    expect(scan({ 'app/prod/kustomization.yaml': 'helmCharts: [{name: x}]' })[0]).toContain(
      'helmCharts is refused',
    );
    const problems = scan({
      'app/prod/kustomization.yaml': 'generators: [g.yaml]\ntransformers: [t.yaml]',
      'app/prod/g.yaml': 'apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: x}',
      'app/prod/t.yaml': 'metadata: {annotations: {config.kubernetes.io/function: "container: {image: x}"}}',
    });
    expect(problems).toHaveLength(2);
  });

  it('ends on bases that name each other', () => {
    expect(
      scan({
        'app/prod/kustomization.yaml': 'resources: [../base]',
        'app/base/kustomization.yaml': 'resources: [../prod]',
      }),
    ).toEqual([]);
  });

  const url = 'http://127.0.0.1:8080/x';
  const generator = (file: string) =>
    `apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: g}\nfiles: ["${file}"]\n`;

  it('finds remote names in the files of plug-ins, and says file and field', () => {
    expect(
      scan({
        'app/prod/kustomization.yaml':
          'generators: [./g.yaml]\ntransformers: [../lib/t.json]\nvalidators: [v.yaml]',
        'app/prod/g.yaml': `# two\n---\n${generator('local.txt')}---\n${generator(`k=${url}`)}`,
        'app/lib/t.json': JSON.stringify({ apiVersion: 'builtin', kind: 'PatchTransformer', path: url }),
        'app/prod/v.yaml': `kind: List\nitems:\n- kind: ReplacementTransformer\n  replacements: [{path: "${url}"}]`,
      }),
    ).toEqual([
      `app/prod/g.yaml:2: files[0] names "k=${url}", which is remote; everything must lie in the repository`,
      expect.stringMatching(/^app\/lib\/t\.json:1: path names .* is remote/),
      expect.stringMatching(/^app\/prod\/v\.yaml:1: items\[0\]\.replacements\[0\]\.path names .* is remote/),
    ]);
  });

  it('finds them in plug-ins that stand in the kustomization itself, in one line or in many', () => {
    const inLines = generator(url).replaceAll('\n', '\n  ');
    expect(
      scan({
        'app/prod/kustomization.yaml': `generators:\n- |\n  ${inLines}\ntransformers: ['{kind: PatchTransformer, path: "${url}"}']`,
      }),
    ).toEqual([
      expect.stringMatching(
        /^app\/prod\/kustomization\.yaml:1: generators\[0\]\.files\[0\] names .* is remote/,
      ),
      expect.stringMatching(/^app\/prod\/kustomization\.yaml:1: transformers\[0\]\.path names .* is remote/),
    ]);
  });

  it('follows folders of plug-ins through their kustomizations', () => {
    const files = {
      'app/prod/kustomization.yaml': 'transformers: [../plugins]',
      'app/plugins/kustomization.yaml': 'resources: [more, t.yaml]',
      'app/plugins/t.yaml': 'kind: LabelTransformer\nlabels: {docs: "https://example.org"}',
      'app/plugins/more/kustomization.yaml': 'resources: [g.yaml]',
      'app/plugins/more/g.yaml': generator('local.txt'),
    };
    expect(scan(files)).toEqual([]);
    expect(scan({ ...files, 'app/plugins/more/g.yaml': generator(url) })).toEqual([
      expect.stringMatching(/^app\/plugins\/more\/g\.yaml:1: files\[0\] names .* is remote/),
    ]);
  });

  it('looks at a folder of objects anew when plug-ins come from it, too', () => {
    const files = {
      'app/prod/kustomization.yaml': 'resources: [../both]\ngenerators: [../both]',
      'app/both/kustomization.yaml': 'resources: [g.yaml]',
      'app/both/g.yaml': generator(url),
    };
    expect(scan(files)).toHaveLength(1);
  });

  it.each(['patches: []', 'namePrefix: a-', 'commonAnnotations: {}', 'transformers: []', 'replacements: []'])(
    'refuses what could write a remote name into plug-ins on their way: %s',
    (field) => {
      const problems = scan({
        'app/prod/kustomization.yaml': 'generators: [../plugins]',
        'app/plugins/kustomization.yaml': `resources: [g.yaml]\n${field}`,
        'app/plugins/g.yaml': generator('local.txt'),
      });
      expect(problems).toEqual([
        expect.stringMatching(
          /^app\/plugins\/kustomization\.yaml:1: \w+ is refused .* change what they load/,
        ),
      ]);
    },
  );

  it('refuses names that only kustomize would read as one that is looked at here', () => {
    for (const name of ['Resources', 'reSources', 're\u017fources', 'GENERATORS', 'Components', 'helmcharts'])
      expect(scan({ 'app/prod/kustomization.yaml': `${name}: []` })[0]).toMatch(/ is refused: write \w+$/);
  });

  it('refuses a plug-in that is in none of the fetched files', () => {
    expect(scan({ 'app/prod/kustomization.yaml': 'generators: [gone.yaml]' })).toEqual([
      expect.stringContaining('generators[0] names "gone.yaml", which is not in the fetched files'),
    ]);
  });

  it.each([
    ['a chart behind quotes', 'kind: "HelmChartInflationGenerator"'],
    ['a chart in a list', 'kind: List\nitems: [{kind: ChartInflator}]'],
    ['a function', 'metadata: {annotations: {config.kubernetes.io/function: "exec: {path: ./x}"}}'],
    [
      'a function by its older name',
      'metadata: {annotations: {"config.k8s.io/function": "container: {image: x}"}}',
    ],
    ['a container', 'metadata: {annotations: {config.kubernetes.io/container: x}}'],
    ['a function in the metadata', 'metadata: {configFn: {container: {image: x}}}'],
  ])('refuses %s as a plug-in, in a file and inline', (_name, text) => {
    const inFile = scan({ 'app/prod/kustomization.yaml': 'generators: [g.yaml]', 'app/prod/g.yaml': text });
    const inline = scan({ 'app/prod/kustomization.yaml': JSON.stringify({ validators: [text] }) });
    expect(inFile).toEqual([expect.stringContaining('programs are not run')]);
    expect(inline).toEqual([expect.stringContaining('programs are not run')]);
  });
});
