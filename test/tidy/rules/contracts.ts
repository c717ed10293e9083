import { type Repository, resolveImport, type SourceFile } from '../repository.ts';
import type { Finding, Rule } from '../rule.ts';

/** The suite of a port and the two places that run it. */
export interface PortSuite {
  /** The cases; what runs them imports it. */
  readonly suite: string;
  /** The run on the fake. A port that is computation alone has none, and says why. */
  readonly fake: string | { readonly noneBecause: string };
  readonly real: string;
}

const root = 'test/contracts';

function inFolder(name: string): PortSuite {
  const folder = `${root}/${name}`;
  return {
    suite: `${folder}/suite.ts`,
    fake: `${folder}/${name}.test.ts`,
    real: `${folder}/${name}.real.test.ts`,
  };
}

/** Every port of agent and hub; test/README.md shows the same table. */
export const portSuites: Readonly<Record<string, PortSuite>> = {
  KubePort: {
    suite: `${root}/kube/cases/index.ts`,
    fake: `${root}/kube/simulated.test.ts`,
    real: `${root}/kube/kube.real.test.ts`,
  },
  ContentPort: inFolder('content'),
  KustomizePort: inFolder('kustomize'),
  HelmPort: inFolder('helm'),
  StateStore: inFolder('state-store'),
  HubLink: inFolder('hub-link'),
  HubStream: inFolder('hub-link'),
  StatusSink: inFolder('status-sink'),
  CredentialStore: inFolder('credential-store'),
  DecisionLog: inFolder('decision-log'),
  StatusStream: inFolder('status-stream'),
  GossipLine: inFolder('gossip-line'),
  Bucket: inFolder('bucket'),
  GitPort: inFolder('git'),
  CheckPort: inFolder('check'),
  Signer: {
    ...inFolder('signer'),
    fake: { noneBecause: 'it computes over keys and asks nothing of the world' },
  },
  AgentListener: inFolder('agent-listener'),
  AgentStream: inFolder('agent-listener'),
};

const portFiles = ['agent/src/ports.ts', 'agent/src/kube-port.ts', 'hub/src/ports.ts'];
const declaration = /^export interface ([\w$]+)[^{]*\{([\s\S]*?)^\}/gm;
/** A method, or something that comes by itself: what only holds data has neither. */
const behaviour = /^ {2}[\w$]+\(|:\s*AsyncIterable\b/m;

interface FoundPort {
  readonly name: string;
  readonly path: string;
  readonly line: number;
}

function portsIn(source: SourceFile): readonly FoundPort[] {
  return [...source.code.matchAll(declaration)]
    .filter((found) => behaviour.test(found[2] ?? ''))
    .map((found) => ({
      name: found[1] ?? '',
      path: source.path,
      line: source.code.slice(0, found.index).split('\n').length,
    }));
}

/** The files of a row that are not there, or that do not run its suite. */
function judgeRow(repository: Repository, name: string, row: PortSuite): readonly Finding[] {
  const sourceAt = (path: string) => repository.sources.find((source) => source.path === path);
  const runs = typeof row.fake === 'string' ? [row.fake, row.real] : [row.real];
  const missing = [row.suite, ...runs].filter((path) => sourceAt(path) === undefined);
  const idle = runs
    .flatMap((path) => sourceAt(path) ?? [])
    .filter((source) => !runsSuite(repository, source, row));
  return [
    ...missing.map((path) => ({ path, what: `is missing: the contract suite of ${name}` })),
    ...idle.map(({ path }) => ({ path, what: `does not import ${row.suite}, the suite of ${name}` })),
  ];
}

function runsSuite(repository: Repository, source: SourceFile, row: PortSuite): boolean {
  return source.imports.some(({ specifier }) => {
    const target = resolveImport(repository, source.path, specifier);
    return target.kind === 'file' && target.path === row.suite;
  });
}

/** Looks at both ways: every port has its row, every row its port, and every suite belongs to a row. */
export function contractRule(rows: Readonly<Record<string, PortSuite>> = portSuites): Rule {
  return {
    name: 'every port has one contract suite that its fake and its real adapter pass',
    reason: 'a fake that nobody holds to the promises of the real adapter makes every test on it worthless',
    find: (repository) => {
      const ports = repository.sources.filter(({ path }) => portFiles.includes(path)).flatMap(portsIn);
      const suites = Object.values(rows).map(({ suite }) => suite);
      const strays = repository.sources.filter(
        ({ path }) => /^test\/contracts\/[^/]+\/suite\.ts$/.test(path) && !suites.includes(path),
      );
      return [
        ...ports
          .filter(({ name }) => rows[name] === undefined)
          .map(({ name, path, line }) => ({
            path,
            line,
            what: `declares ${name}, which has no contract suite`,
          })),
        ...Object.keys(rows)
          .filter((name) => !ports.some((port) => port.name === name))
          .map((name) => ({ path: 'test/tidy/rules/contracts.ts', what: `names ${name}, which is no port` })),
        ...Object.entries(rows).flatMap(([name, row]) => judgeRow(repository, name, row)),
        ...strays.map(({ path }) => ({ path, what: 'is the suite of no port' })),
      ];
    },
  };
}
