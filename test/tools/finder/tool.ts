import type { VersionRange } from './version.ts';

/** The outside programs that the demo and the tests use. */
export type ToolName =
  | 'nats-server'
  | 'kustomize'
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'kubectl'
  | 'kwok'
  | 'kwokctl'
  | 'helm';

/** A platform in the words of Go's release files. */
export interface Platform {
  readonly os: 'linux' | 'darwin';
  readonly arch: 'amd64' | 'arm64';
}

/** `linux-amd64` and the like: the key of a platform in tables. */
export type PlatformKey = `${Platform['os']}-${Platform['arch']}`;

/** One downloadable file of an official release. */
export interface Release {
  readonly url: string;
  /** `plain`: the file is the program itself. */
  readonly archive: 'plain' | 'tar.gz' | 'zip';
  /** Path of the program inside the archive; absent for `plain`. */
  readonly member?: string;
  /** The checksum file of the same release: one bare SHA-256, or lines of `sum  file`. */
  readonly checksumUrl: string;
}

/** How Go makes the program from published modules, whose sums Go checks with its checksum database. */
export type GoRecipe =
  /** `go install PACKAGE@vVERSION`. */
  | { readonly kind: 'install'; readonly package: string; readonly ldflags?: string }
  /** A module of its own that requires the package: for modules with replace lines, which `go install` refuses. */
  | { readonly kind: 'require'; readonly module: string; readonly package: string }
  /** A command of k8s.io/kubernetes, whose staging modules need replace lines of their own. */
  | { readonly kind: 'kubernetes'; readonly command: string };

/** One row of the table of outside programs. */
export interface Tool {
  readonly name: ToolName;
  /** The version that is downloaded or built. */
  readonly version: string;
  /** Which versions found on PATH are taken. */
  readonly accepted: VersionRange;
  /** Arguments with which the program prints its version. */
  readonly versionArgs: readonly string[];
  /** The official file for a platform; undefined where none is published together with a checksum. */
  readonly release: (platform: Platform) => Release | undefined;
  /** SHA-256 sums that a person read from a published source; checked on top of the release's own file. */
  readonly pinnedSha256: Readonly<Partial<Record<PlatformKey, string>>>;
  readonly recipe: GoRecipe;
  /** Seconds of a cold build on 2 cores, for the progress line. */
  readonly buildSeconds: number;
}

/** Where a program was found. */
export type ToolOrigin = 'environment' | 'path' | 'cache' | 'download' | 'build';

/** A program that is there and runs. */
export interface FoundTool {
  readonly name: ToolName;
  /** Absolute path of the program; the file's name is the tool's name unless it came from the environment. */
  readonly path: string;
  readonly version: string;
  readonly origin: ToolOrigin;
  /** Why earlier places were passed over, one line each. */
  readonly notes: readonly string[];
}
