import { applyPatches, type Patching } from './apply-patches.ts';
import type { ManifestFile } from './read-documents.ts';
import { readObjects } from './read-objects.ts';
import { problem, type RenderProblem, type SourceObject } from './source-object.ts';

/** The objects of a variant, or everything that is wrong with it. */
export type RenderResult =
  | {
      readonly kind: 'objects';
      readonly objects: readonly SourceObject[];
      /** What was left out on purpose, one sentence each. */
      readonly notes: readonly string[];
    }
  | { readonly kind: 'problems'; readonly problems: readonly RenderProblem[] };

/**
 * Files to objects: read, then patched. Yields between documents. No objects at all is a problem: nothing is ever pruned
 * because a render came out empty.
 */
export function* renderManifests(
  files: readonly ManifestFile[],
  patching: Patching,
): Generator<undefined, RenderResult> {
  const read = yield* readObjects(files);
  if (read.problems.length > 0) return { kind: 'problems', problems: read.problems };
  if (read.objects.length === 0) {
    const text =
      'the files hold no object: nothing is changed on the cluster; withdraw the placement to remove what it brought';
    return { kind: 'problems', problems: [problem('NothingToApply', text)] };
  }
  const patched = applyPatches(read.objects, patching);
  if (patched.problems.length > 0) return { kind: 'problems', problems: patched.problems };
  return { kind: 'objects', objects: patched.objects, notes: [] };
}
