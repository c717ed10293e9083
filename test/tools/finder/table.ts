import type { GoRecipe, Platform, Release, Tool, ToolName } from './tool.ts';
import type { VersionRange } from './version.ts';

/**
 * Every outside program with the one version that is downloaded or built.
 * File names and checksum files are those of the projects' own release pages (NATS: .goreleaser.yml; etcd,
 * Kubernetes, kustomize, Helm: their installation pages). Pinned sums stay empty until a person has read one
 * from a published source: a sum that was computed from a download proves nothing.
 */

const kubernetesVersion = '1.36.3';
const sameMinor: VersionRange = {
  from: '1.36.0',
  below: '1.37.0',
  why: 'recorded answers of the API server belong to this minor version',
};

function github(repository: string, tag: string, file: string): string {
  return `https://github.com/${repository}/releases/download/${tag}/${file}`;
}

function natsRelease({ os, arch }: Platform): Release {
  const name = `nats-server-v${natsServer.version}-${os}-${arch}`;
  const tag = `v${natsServer.version}`;
  return {
    url: github('nats-io/nats-server', tag, `${name}.tar.gz`),
    archive: 'tar.gz',
    member: `${name}/nats-server`,
    checksumUrl: github('nats-io/nats-server', tag, 'SHA256SUMS'),
  };
}

const natsServer: Tool = {
  name: 'nats-server',
  version: '2.15.2',
  accepted: { from: '2.12.0', below: '3.0.0', why: 'atomic batches are needed' },
  versionArgs: ['--version'],
  release: natsRelease,
  pinnedSha256: {},
  recipe: { kind: 'install', package: 'github.com/nats-io/nats-server/v2' },
  buildSeconds: 45,
};

const kustomize: Tool = {
  name: 'kustomize',
  version: '5.8.1',
  accepted: { from: '5.8.0', below: '6.0.0', why: 'older ones render some fields differently' },
  versionArgs: ['version'],
  release: ({ os, arch }) => {
    const tag = `kustomize%2Fv${kustomize.version}`;
    return {
      url: github('kubernetes-sigs/kustomize', tag, `kustomize_v${kustomize.version}_${os}_${arch}.tar.gz`),
      archive: 'tar.gz',
      member: 'kustomize',
      checksumUrl: github('kubernetes-sigs/kustomize', tag, 'checksums.txt'),
    };
  },
  pinnedSha256: {},
  recipe: { kind: 'install', package: 'sigs.k8s.io/kustomize/kustomize/v5' },
  buildSeconds: 16,
};

const etcd: Tool = {
  name: 'etcd',
  version: '3.6.14',
  accepted: { from: '3.6.0', below: '3.8.0', why: 'the API server wants 3.6' },
  versionArgs: ['--version'],
  release: ({ os, arch }) => {
    const name = `etcd-v${etcd.version}-${os}-${arch}`;
    const archive = os === 'darwin' ? 'zip' : 'tar.gz';
    return {
      url: github('etcd-io/etcd', `v${etcd.version}`, `${name}.${archive}`),
      archive,
      member: `${name}/etcd`,
      checksumUrl: github('etcd-io/etcd', `v${etcd.version}`, 'SHA256SUMS'),
    };
  },
  pinnedSha256: {},
  recipe: { kind: 'require', module: 'go.etcd.io/etcd/server/v3', package: 'go.etcd.io/etcd/server/v3' },
  buildSeconds: 40,
};

interface KubernetesTool {
  readonly name: ToolName;
  readonly versionArgs: readonly string[];
  readonly buildSeconds: number;
  /** Server programs are published for Linux only; on macOS they are built. */
  readonly isPublishedForDarwin: boolean;
}

function kubernetesTool({ name, versionArgs, buildSeconds, isPublishedForDarwin }: KubernetesTool): Tool {
  const recipe: GoRecipe = { kind: 'kubernetes', command: name };
  return {
    name,
    version: kubernetesVersion,
    accepted: sameMinor,
    versionArgs,
    release: ({ os, arch }) => {
      if (os === 'darwin' && !isPublishedForDarwin) return undefined;
      const url = `https://dl.k8s.io/release/v${kubernetesVersion}/bin/${os}/${arch}/${name}`;
      return { url, archive: 'plain', checksumUrl: `${url}.sha256` };
    },
    pinnedSha256: {},
    recipe,
    buildSeconds,
  };
}

function kwokTool(name: 'kwok' | 'kwokctl', buildSeconds: number): Tool {
  return {
    name,
    version: '0.8.0',
    accepted: { from: '0.8.0', below: '0.9.0', why: 'its command line changes between minor versions' },
    versionArgs: ['--version'],
    // Its releases hold programs without a checksum file, so nothing is downloaded: Go checks what it builds.
    release: () => undefined,
    pinnedSha256: {},
    recipe: { kind: 'install', package: `sigs.k8s.io/kwok/cmd/${name}` },
    buildSeconds,
  };
}

const helm: Tool = {
  name: 'helm',
  version: '3.22.0',
  accepted: { from: '3.20.0', below: '4.0.0', why: 'charts are rendered as Helm 3 does' },
  versionArgs: ['version', '--short'],
  release: ({ os, arch }) => {
    const url = `https://get.helm.sh/helm-v${helm.version}-${os}-${arch}.tar.gz`;
    return { url, archive: 'tar.gz', member: `${os}-${arch}/helm`, checksumUrl: `${url}.sha256sum` };
  },
  pinnedSha256: {},
  recipe: {
    kind: 'install',
    package: 'helm.sh/helm/v3/cmd/helm',
    ldflags: '-X helm.sh/helm/v3/internal/version.version=v3.22.0',
  },
  buildSeconds: 85,
};

/** The table in the order of installing: what the demo needs comes first, and what builds on a warm cache last. */
export const tools: readonly Tool[] = [
  natsServer,
  kustomize,
  etcd,
  kubernetesTool({
    name: 'kube-apiserver',
    versionArgs: ['--version'],
    buildSeconds: 245,
    isPublishedForDarwin: false,
  }),
  kubernetesTool({
    name: 'kubectl',
    versionArgs: ['version', '--client'],
    buildSeconds: 26,
    isPublishedForDarwin: true,
  }),
  kubernetesTool({
    name: 'kube-controller-manager',
    versionArgs: ['--version'],
    buildSeconds: 78,
    isPublishedForDarwin: false,
  }),
  kubernetesTool({
    name: 'kube-scheduler',
    versionArgs: ['--version'],
    buildSeconds: 7,
    isPublishedForDarwin: false,
  }),
  kwokTool('kwok', 107),
  kwokTool('kwokctl', 22),
  helm,
];

/** The names in the order of the table. */
export const toolNames: readonly ToolName[] = tools.map((tool) => tool.name);

/** The row of a tool. */
export function toolNamed(name: ToolName): Tool {
  const found = tools.find((tool) => tool.name === name);
  if (found === undefined) throw new Error(`no tool ${name} in test/tools/finder/table.ts`);
  return found;
}
