import { err, type Json, ok, type Result } from '@flotilla/shared/base';
import type { Cluster } from '@flotilla/shared/model';
import { mapTexts } from '@flotilla/shared/model';

/** One `${cluster.…}` in a text. */
export type FoundVariable =
  | { readonly kind: 'name'; readonly text: string }
  | { readonly kind: 'label'; readonly text: string; readonly key: string }
  | { readonly kind: 'unknown'; readonly text: string };

/** Two dollars keep what follows as text; only `${cluster.…}` is ours, anything else with a dollar is left alone. */
const pattern = /(\$?)\$\{cluster\.([^{}]*)\}/g;

/** The variables of a text, in order; kept ones (`$${cluster.…}`) are not among them. */
export function findVariables(text: string): readonly FoundVariable[] {
  const found: FoundVariable[] = [];
  for (const [whole, mark, inner = ''] of text.matchAll(pattern)) {
    if (mark !== '$') found.push(classify(whole, inner));
  }
  return found;
}

function classify(text: string, inner: string): FoundVariable {
  if (inner === 'name') return { kind: 'name', text };
  const prefix = 'labels.';
  if (inner.startsWith(prefix) && inner.length > prefix.length) {
    return { kind: 'label', text, key: inner.slice(prefix.length) };
  }
  return { kind: 'unknown', text };
}

/** A text with its variables replaced for one cluster; the error is the variable that the cluster does not have. */
export function substituteText(text: string, cluster: Cluster): Result<string, string> {
  const missing = findVariables(text).find((one) => valueIn(one, cluster) === undefined);
  if (missing !== undefined) return err(missing.text);
  return ok(
    text.replace(pattern, (whole: string, mark: string, inner: string) =>
      mark === '$' ? whole.slice(1) : (valueIn(classify(whole, inner), cluster) ?? whole),
    ),
  );
}

function valueIn(variable: FoundVariable, cluster: Cluster): string | undefined {
  if (variable.kind === 'name') return cluster.name;
  return variable.kind === 'label' ? cluster.labels[variable.key] : undefined;
}

/** Every text inside a JSON value replaced; keys stay. The error is the first variable that the cluster does not have. */
export function substituteJson(value: Json, cluster: Cluster): Result<Json, string> {
  return mapTexts(value, (text) => substituteText(text, cluster));
}
