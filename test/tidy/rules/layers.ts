import { packageOf, type Repository, resolveImport, type SourceFile } from '../repository.ts';
import type { Finding, Rule } from '../rule.ts';

interface Layer {
  readonly name: string;
  /** Files of the layer, by path. The first layer that fits counts. */
  readonly files: RegExp;
  /** Layers that it may import besides itself; `types:` means only with `import type`. */
  readonly mayImport: readonly string[];
}

/** The table of the architecture, lowest layer first. */
export const layers: readonly Layer[] = [
  { name: 'test', files: /^test\/|^vitest\.config\.ts$/, mayImport: ['*'] },
  { name: 'proto', files: /^proto\/gen\//, mayImport: [] },
  { name: 'base', files: /^shared\/src\/base\//, mayImport: [] },
  { name: 'model', files: /^shared\/src\/model\//, mayImport: ['base'] },
  { name: 'codec', files: /^shared\/src\/codec\//, mayImport: ['base', 'model', 'proto'] },
  { name: 'git', files: /^shared\/src\/git\//, mayImport: ['base', 'model'] },
  { name: 'kit', files: /^shared\/src\/kit\//, mayImport: ['base', 'model'] },
  { name: 'hub core', files: /^hub\/src\/core\//, mayImport: ['base', 'model'] },
  { name: 'agent core', files: /^agent\/src\/core\//, mayImport: ['base', 'model'] },
  { name: 'hub ports', files: /^hub\/src\/(?:ports|[a-z-]+-port)\.ts$/, mayImport: ['base', 'model'] },
  {
    name: 'agent ports',
    files: /^agent\/src\/(?:ports|kube-status|[a-z-]+-port)\.ts$/,
    mayImport: ['base', 'model'],
  },
  {
    name: 'hub loops',
    files: /^hub\/src\/loops\//,
    mayImport: ['base', 'model', 'hub core', 'hub ports', 'kit'],
  },
  {
    name: 'agent loops',
    files: /^agent\/src\/loops\//,
    mayImport: ['base', 'model', 'agent core', 'agent ports', 'kit'],
  },
  {
    name: 'hub io',
    files: /^hub\/src\/io\//,
    mayImport: ['base', 'model', 'hub ports', 'proto', 'codec', 'git', 'kit'],
  },
  {
    name: 'agent io',
    files: /^agent\/src\/io\//,
    mayImport: ['base', 'model', 'agent ports', 'proto', 'codec', 'git', 'kit'],
  },
  // Decisions only: `validate`, `test` and `plan` come to what the hub would (shared/adr/0023).
  {
    name: 'cli',
    files: /^hub\/cli\//,
    mayImport: ['base', 'model', 'codec', 'git', 'kit', 'hub core'],
  },
  { name: 'console', files: /^hub\/console\//, mayImport: ['base', 'model'] },
  {
    name: 'hub start',
    files: /^hub\/src\/(?:start\/)?[^/]+\.ts$/,
    mayImport: ['base', 'model', 'codec', 'git', 'kit', 'hub core', 'hub ports', 'hub loops', 'hub io'],
  },
  {
    name: 'agent start',
    files: /^agent\/src\/(?:(?:start|alone)\/)?[^/]+\.ts$/,
    mayImport: [
      'base',
      'model',
      'codec',
      'git',
      'kit',
      'agent core',
      'agent ports',
      'agent loops',
      'agent io',
    ],
  },
];

function layerOf(path: string): Layer | undefined {
  return layers.find((layer) => layer.files.test(path));
}

/** `hub loops` and `hub io`, `agent loops` and `agent io`; and the wire formats that both speak through. */
function isOwnAdapter(from: Layer, to: Layer): boolean {
  if (!from.name.endsWith(' loops')) return false;
  return to.name === 'codec' || to.name === from.name.replace(' loops', ' io');
}

function judgeImports(repository: Repository, source: SourceFile): readonly Finding[] {
  const from = layerOf(source.path);
  if (from === undefined) return [{ path: source.path, what: 'lies in no layer of the architecture' }];
  return source.imports.flatMap(({ specifier, line }) => {
    const target = resolveImport(repository, source.path, specifier);
    if (target.kind !== 'file') return [];
    const to = layerOf(target.path);
    if (to === undefined || to === from || from.mayImport.includes('*')) return [];
    // Tests beside the code may use what the test package offers, and loops are tried on their own program's adapters.
    if (source.isTest && (to.name === 'test' || isOwnAdapter(from, to))) return [];
    if (from.mayImport.includes(to.name)) return [];
    return [
      {
        path: source.path,
        line,
        what: `is of ${from.name} and imports ${specifier}, which is of ${to.name}`,
      },
    ];
  });
}

/** Who may import whom. */
export const layerRule: Rule = {
  name: 'a file imports only from the layers below it',
  reason:
    'decisions stay pure and I/O thin only while core never sees io, loops and io meet only through ports, ' +
    'and hub and agent know of each other only the protocol',
  find: (repository) => repository.sources.flatMap((source) => judgeImports(repository, source)),
};

/** Packages meet only at their front doors. */
export const exportsRule: Rule = {
  name: 'packages import each other through their exports and declare what they import',
  reason:
    'a path into another package, or a library that only happens to be installed, breaks without warning',
  find: (repository) =>
    repository.sources.flatMap((source) =>
      source.imports.flatMap(({ specifier, line }) => {
        const what = judgeDoor(repository, source, specifier);
        return what === undefined ? [] : [{ path: source.path, line, what }];
      }),
    ),
};

function judgeDoor(repository: Repository, source: SourceFile, specifier: string): string | undefined {
  const home = packageOf(repository, source.path);
  const target = resolveImport(repository, source.path, specifier);
  if (target.kind === 'not-exported') return `imports ${specifier}, which ${target.package} does not export`;
  if (target.kind === 'node') return undefined;
  if (target.kind === 'file' && specifier.startsWith('.')) {
    const there = packageOf(repository, target.path);
    if (there === home || (source.isTest && there?.folder === 'test')) return undefined;
    return `reaches into ${there?.name ?? 'no package'} by ${specifier}`;
  }
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  // Test libraries are installed once, at the root.
  const root = repository.manifests.find((manifest) => manifest.folder === '');
  const isToolOfTests = source.isTest || home?.folder === 'test' || home?.folder === '';
  if (home?.dependencies.has(name) || name === home?.name) return undefined;
  if (isToolOfTests && root?.dependencies.has(name)) return undefined;
  return `imports ${name}, which ${home?.folder ?? ''}/package.json does not name`;
}
