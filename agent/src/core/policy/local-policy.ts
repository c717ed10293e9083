/** A repository that a cluster takes content from. */
export interface AllowedRepository {
  /** The URL as rows name it, or what it begins with, up to a `/`. A `.git` at the end makes no difference. */
  readonly url: string;
  /** Folders that content may come from, with all below them; undefined = the whole repository. */
  readonly paths: readonly string[] | undefined;
  /** One of them must have signed the commit, whatever the row asks; undefined = nobody must. As `parseSigner` reads them. */
  readonly signers: readonly string[] | undefined;
}

/**
 * What a cluster accepts, decided on the cluster and not by the hub. What is undefined limits nothing. Where namespaces are
 * limited, nothing cluster-wide is accepted besides those namespaces themselves and what `clusterKinds` lists.
 */
export interface LocalPolicy {
  /** Where it was read, for messages. */
  readonly file: string;
  readonly repositories: readonly AllowedRepository[] | undefined;
  /** `Kind` of the core group, `Kind.group`, or `*.group`: of what lies in a namespace, and of everything else too. */
  readonly kinds: readonly string[] | undefined;
  /** Names, or what they begin with and `*`. */
  readonly namespaces: readonly string[] | undefined;
  /** As `kinds`: what may be cluster-wide. */
  readonly clusterKinds: readonly string[] | undefined;
  /** Objects that one change or one removal may delete; no permission from a hub goes above it. */
  readonly deletesMax: number | undefined;
}

/** A rule that says no: its name as the file has it, and a sentence for people. */
export interface PolicyRefusal {
  readonly rule:
    | 'repositories'
    | 'paths'
    | 'signers'
    | 'kinds'
    | 'namespaces'
    | 'clusterKinds'
    | 'deletesMax';
  readonly text: string;
}

/** How many objects may go at once, and a clause that says who says so. */
export interface DeletesLimit {
  readonly max: number;
  readonly text: string;
}

/** The bound on deletes of a policy; undefined = it has none. */
export function deletesLimitOf(policy: LocalPolicy | undefined): DeletesLimit | undefined {
  if (policy?.deletesMax === undefined) return undefined;
  const { deletesMax: max, file } = policy;
  const text = `the policy of this cluster allows ${max} (deletesMax in ${file}), and no permission of the hub goes above it`;
  return { max, text };
}

/** Puts a refusal into words that name file and rule, and what to do. */
export function refuse({ file }: LocalPolicy, rule: PolicyRefusal['rule'], what: string): PolicyRefusal {
  return {
    rule,
    text: `${what}; the policy of this cluster forbids it (${rule} in ${file}): change one of the two`,
  };
}
