import { err, type GitId, ok, parseGitId, type Result } from '../../base/index.ts';
import { nearNames, suggestion } from './near-names.ts';
import type { Ref } from './ref.ts';

/** A ref that was found. `name` is undefined when the wanted text is a full commit id. */
export interface ResolvedRef {
  readonly kind: 'branch' | 'tag' | 'commit' | 'head' | 'other';
  readonly name?: string;
  /** The commit; of an annotated tag the commit behind it. */
  readonly id: GitId;
}

/** Why a wanted ref gives no commit. */
export interface RefProblem {
  readonly code: 'REF_MISSING' | 'REF_AMBIGUOUS' | 'REF_INVALID';
  /** A sentence for people, with near names where there are some. */
  readonly text: string;
}

const branchPrefix = 'refs/heads/';
const tagPrefix = 'refs/tags/';

/**
 * Turns what a person wrote (branch, tag, `HEAD`, `refs/…`, a full commit id) into a commit id, from the refs listed.
 * Pure. A name that is both a branch and a tag is ambiguous unless both give the same commit; then the branch is meant.
 */
export function resolveRef(refs: readonly Ref[], wanted: string): Result<ResolvedRef, RefProblem> {
  const id = parseGitId(wanted);
  if (id.ok) return ok({ kind: 'commit', id: id.value });
  if (!isRefName(wanted)) {
    return problem(
      'REF_INVALID',
      `${JSON.stringify(wanted.slice(0, 200))} is not a branch, tag or full commit id`,
    );
  }
  if (wanted === 'HEAD' || wanted.startsWith('refs/')) return exactly(refs, wanted);
  const branch = refs.find(({ name }) => name === branchPrefix + wanted);
  const tag = refs.find(({ name }) => name === tagPrefix + wanted);
  if (branch !== undefined && tag !== undefined && commitOf(branch) !== commitOf(tag)) {
    const choice = `write ${branchPrefix}${wanted} or ${tagPrefix}${wanted}`;
    return problem('REF_AMBIGUOUS', `${wanted} is both a branch and a tag; ${choice}`);
  }
  const found = branch ?? tag;
  return found === undefined ? missing(refs, wanted) : ok(resolved(found));
}

/** Prefixes for `listRefs` that find what a person wrote, and nothing else; empty for a commit id. */
export function refPrefixes(wanted: string): readonly string[] {
  if (parseGitId(wanted).ok) return [];
  if (wanted === 'HEAD' || wanted.startsWith('refs/')) return [wanted];
  return [branchPrefix + wanted, tagPrefix + wanted];
}

function exactly(refs: readonly Ref[], wanted: string): Result<ResolvedRef, RefProblem> {
  const found = refs.find(({ name }) => name === wanted);
  return found === undefined ? missing(refs, wanted) : ok(resolved(found));
}

function resolved(ref: Ref): ResolvedRef {
  return { kind: kindOf(ref.name), name: ref.name, id: commitOf(ref) };
}

function kindOf(name: string): ResolvedRef['kind'] {
  if (name === 'HEAD') return 'head';
  if (name.startsWith(branchPrefix)) return 'branch';
  return name.startsWith(tagPrefix) ? 'tag' : 'other';
}

function commitOf(ref: Ref): GitId {
  return ref.peeled ?? ref.id;
}

function missing(refs: readonly Ref[], wanted: string): Result<never, RefProblem> {
  const short = refs.map(({ name }) => name.replace(/^refs\/(heads|tags)\//, ''));
  const near = nearNames(wanted.replace(/^refs\/(heads|tags)\//, ''), new Set(short));
  return problem(
    'REF_MISSING',
    `the repository has no branch or tag ${JSON.stringify(wanted)}${suggestion(near)}`,
  );
}

/** The rules of git-check-ref-format that keep a name from meaning something else. */
function isRefName(text: string): boolean {
  if (text.length > 1_000 || text === '' || text === '@') return false;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|\.$|\/$|^\/|^-/.test(text)) return false;
  return text.split('/').every((part) => !part.startsWith('.') && !part.endsWith('.lock'));
}

function problem(code: RefProblem['code'], text: string): Result<never, RefProblem> {
  return err({ code, text });
}
