import { packageOf, type Repository, resolveImport, type SourceFile } from '../repository.ts';
import type { Finding, Rule } from '../rule.ts';

interface Library {
  /** Where it may be imported. */
  readonly files: RegExp;
  /** Each package that uses it does so in one file only. */
  readonly isWrapped?: true;
}

/** Every foreign library of the product: a new one is a decision and gets its row here with its record in shared/adr. */
const libraries: Readonly<Record<string, Library>> = {
  '@grpc/grpc-js': { files: /^(?:hub|agent)\/src\/io\// },
  '@nats-io/jetstream': { files: /^(?:shared\/src\/kit|hub\/src\/io|agent\/src\/io)\// },
  '@nats-io/kv': { files: /^(?:shared\/src\/kit|hub\/src\/io)\// },
  '@nats-io/transport-node': { files: /^(?:shared\/src\/kit|hub\/src\/io|agent\/src\/io)\// },
  '@peculiar/x509': { files: /^hub\/src\/io\//, isWrapped: true },
  'reflect-metadata': { files: /^hub\/src\/io\// },
  'isomorphic-git': { files: /^shared\/src\/git\//, isWrapped: true },
  ssh2: { files: /^shared\/src\/git\//, isWrapped: true },
  openpgp: { files: /^shared\/src\/git\//, isWrapped: true },
  pino: { files: /^shared\/src\/kit\//, isWrapped: true },
  'prom-client': { files: /^shared\/src\/kit\//, isWrapped: true },
  fastify: { files: /^hub\/src\/io\/http\// },
  // Parsers are pure functions of text, so core may call them (shared/adr/0002).
  yaml: { files: /^(?:shared|hub|hub\/cli|agent)\/src\//, isWrapped: true },
  zod: { files: /^hub\/src\// },
  '@bufbuild/cel': { files: /^shared\/src\/base\//, isWrapped: true },
  ignore: { files: /^hub\/src\/core\//, isWrapped: true },
  commander: { files: /^hub\/cli\/src\// },
  picocolors: { files: /^hub\/cli\/src\//, isWrapped: true },
};

interface Use {
  readonly library: string;
  readonly source: SourceFile;
  readonly line: number;
}

function usesOf(repository: Repository): readonly Use[] {
  const products = repository.sources.filter(
    ({ path, isTest }) => /^(?:hub|agent|shared)\//.test(path) && !isTest,
  );
  return products.flatMap((source) =>
    source.imports.flatMap(({ specifier, line }) => {
      const target = resolveImport(repository, source.path, specifier);
      return target.kind === 'library' ? [{ library: target.library, source, line }] : [];
    }),
  );
}

function judgeUse(repository: Repository, use: Use, all: readonly Use[]): string | undefined {
  const { library, source } = use;
  const row = libraries[library];
  if (row === undefined) return `imports ${library}, which has no row in test/tidy/rules/libraries.ts`;
  if (!row.files.test(source.path)) return `imports ${library}, which belongs into ${row.files.source}`;
  if (row.isWrapped === undefined) return undefined;
  const home = packageOf(repository, source.path);
  const first = all.find((one) => one.library === library && packageOf(repository, one.source.path) === home);
  if (first === undefined || first.source.path === source.path) return undefined;
  return `imports ${library} although ${first.source.path} wraps it`;
}

/** Foreign code stays behind a wall. */
export const libraryRule: Rule = {
  name: 'a foreign library is imported only where its wrapper lives',
  reason:
    'a library that is used everywhere cannot be replaced, bounded or faked; a new one is a decision of its own',
  find: (repository) => {
    const all = usesOf(repository);
    return all.flatMap((use): readonly Finding[] => {
      const what = judgeUse(repository, use, all);
      return what === undefined ? [] : [{ path: use.source.path, line: use.line, what }];
    });
  },
};

/** Modules that cost megabytes and that most agents never need. */
const lazyInAgents: readonly string[] = ['@flotilla/shared/base/cel'];

/** What an agent rarely needs is loaded when it is needed. */
export const lazyRule: Rule = {
  name: 'agents load what they rarely need when they need it',
  reason: 'a static import costs every idle agent the memory of what only some of them use',
  find: ({ sources }) =>
    sources
      .filter(({ path, isTest }) => path.startsWith('agent/') && !isTest)
      .flatMap(({ path, imports }) =>
        imports
          .filter((one) => lazyInAgents.includes(one.specifier) && !one.isTypeOnly && !one.isDynamic)
          .map(({ specifier, line }) => ({ path, line, what: `imports ${specifier} at its start` })),
      ),
};

/** Manifests say the same as the layers. */
export const manifestRule: Rule = {
  name: 'package manifests keep hub, agent and test apart',
  reason: 'hub and agent know of each other only the protocol, and no program may depend on its tests',
  find: (repository) =>
    repository.manifests.flatMap(({ name, folder, dependencies }) => {
      const forbidden =
        folder === 'test' || folder === ''
          ? []
          : ['@flotilla/test', '@flotilla/hub', '@flotilla/agent'].filter((other) => dependencies.has(other));
      // The command line carries the hub's decisions (layers.ts says: its core and nothing else).
      const isAllowed = (other: string) => folder === 'hub/cli' && other === '@flotilla/hub';
      return forbidden
        .filter((other) => !isAllowed(other))
        .map((other) => ({
          path: `${folder}/package.json`,
          what: `${name} depends on ${other}`,
        }));
    }),
};
