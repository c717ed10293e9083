import { isRecord } from '../health/fields.ts';

/** A JSON pointer (RFC 6901) as its steps; undefined when the text is none. */
export function parsePointer(text: string): readonly string[] | undefined {
  if (text === '') return [];
  if (!text.startsWith('/') || /~(?![01])/.test(text)) return undefined;
  return text
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The value at a pointer; undefined when there is none. */
export function valueAt(root: unknown, steps: readonly string[]): unknown {
  let here = root;
  for (const step of steps) {
    const index = Array.isArray(here) ? indexOf(here, step) : undefined;
    if (Array.isArray(here)) here = index === undefined ? undefined : (here[index] as unknown);
    else here = isRecord(here) && Object.hasOwn(here, step) ? here[step] : undefined;
    if (here === undefined) return undefined;
  }
  return here;
}

/** A copy without what is at the pointer; the same value when there is nothing. */
export function withoutPointer(root: unknown, steps: readonly string[]): unknown {
  if (steps.length === 0 || valueAt(root, steps) === undefined) return root;
  return change(root, steps, { kind: 'remove' });
}

/** What an edit does at its place. */
export type Edit =
  | { readonly kind: 'remove' }
  /** Object member: put, whether it exists or not. */
  | { readonly kind: 'put'; readonly value: unknown }
  /** List: insert before the index, or append with `-`. Object member: as put. */
  | { readonly kind: 'insert'; readonly value: unknown };

/** A copy with one edit made; undefined when the place does not exist. Nothing shared with the original is changed. */
export function change(root: unknown, steps: readonly string[], edit: Edit): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return edit.kind === 'remove' ? undefined : edit.value;
  if (Array.isArray(root)) return changeList(root, { step, rest }, edit);
  if (!isRecord(root)) return undefined;
  if (rest.length === 0 && edit.kind === 'remove') {
    if (!Object.hasOwn(root, step)) return undefined;
    const { [step]: _gone, ...others } = root;
    return others;
  }
  if (rest.length > 0 && !Object.hasOwn(root, step)) return undefined;
  const inner = change(root[step], rest, edit);
  return inner === undefined ? undefined : { ...root, [step]: inner };
}

function changeList(
  list: readonly unknown[],
  place: { readonly step: string; readonly rest: readonly string[] },
  edit: Edit,
): unknown {
  const { step, rest } = place;
  if (rest.length === 0 && edit.kind === 'insert') {
    const at = step === '-' ? list.length : indexIn(step, list.length);
    return at === undefined ? undefined : list.toSpliced(at, 0, edit.value);
  }
  const index = indexOf(list, step);
  if (index === undefined) return undefined;
  if (rest.length === 0 && edit.kind === 'remove') return list.toSpliced(index, 1);
  const inner = change(list[index], rest, edit);
  return inner === undefined ? undefined : list.with(index, inner);
}

function indexOf(list: readonly unknown[], step: string): number | undefined {
  return indexIn(step, list.length - 1);
}

function indexIn(step: string, last: number): number | undefined {
  if (!/^(0|[1-9][0-9]{0,5})$/.test(step)) return undefined;
  const index = Number(step);
  return index <= last ? index : undefined;
}
