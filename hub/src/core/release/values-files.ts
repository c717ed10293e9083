import type { HelmOptions, TreeRef } from '@flotilla/shared/model';
import type { LocatedError, PathSpec } from '../fleet-spec/index.ts';
import type { SourceTree } from './snapshot.ts';
import { isWithin, joinPath } from './source-path.ts';

/** Values files of a chart that an agent would not find: not in the commit, or outside of the trees that it fetches. */
export function valuesFileProblems(
  helm: HelmOptions | undefined,
  path: PathSpec,
  source: { readonly tree: SourceTree; readonly trees: readonly TreeRef[] },
): readonly LocatedError[] {
  return (helm?.valuesFiles ?? []).flatMap((name) => {
    const file = name.startsWith('/') ? undefined : joinPath(path.path, name);
    const text = whyNot(file, source);
    return text === undefined
      ? []
      : [{ ...path.at, code: 'PATH_MISSING', text: `values file ${name} ${text}` }];
  });
}

function whyNot(
  file: string | undefined,
  { tree, trees }: { readonly tree: SourceTree; readonly trees: readonly TreeRef[] },
): string | undefined {
  if (file === undefined) return 'leaves the repository';
  if (tree.entries.get(file)?.kind !== 'file') return `is not there: there is no file ${file}`;
  if (trees.some((one) => isWithin(file, one.path))) return undefined;
  return `is ${file}, which lies outside of the chart: name its folder in spec.source.includes`;
}
