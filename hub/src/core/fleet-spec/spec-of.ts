import type { FleetSpec, ParsedFile, SpecDocument, SpecKind } from './model.ts';

/** The spec that these files give together; each list is sorted by name. Files with errors give nothing. */
export function specOf(files: Iterable<ParsedFile>): FleetSpec {
  const all = [...files];
  const documents = all.flatMap((file) => file.documents);
  return {
    placements: specsOf(documents, 'Placement'),
    strategies: specsOf(documents, 'RolloutStrategy'),
    policies: specsOf(documents, 'FleetPolicy'),
    windows: specsOf(documents, 'ChangeWindow'),
    sources: specsOf(documents, 'Source'),
    groups: specsOf(documents, 'ClusterGroup'),
    clusters: specsOf(documents, 'Cluster'),
    checks: specsOf(documents, 'Check'),
    tests: specsOf(documents, 'PlacementTest'),
    unreadable: all
      .filter((file) => file.errors.length > 0)
      .map((file) => file.path)
      .sort(),
  };
}

type SpecOf<Kind extends SpecKind> = Extract<SpecDocument, { readonly kind: Kind }>['spec'];

function specsOf<Kind extends SpecKind>(
  documents: readonly SpecDocument[],
  kind: Kind,
): readonly SpecOf<Kind>[] {
  // The filter picks exactly the members of the union with this kind.
  const found = documents.filter((one) => one.kind === kind).map((one) => one.spec as SpecOf<Kind>);
  return found.sort((left, right) => (left.name < right.name ? -1 : 1));
}
