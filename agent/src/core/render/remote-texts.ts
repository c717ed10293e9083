import { isRecord } from '../health/fields.ts';

/** A text that names another host, and the field that holds it: `configMapGenerator[0].files[1]`. */
export interface RemoteText {
  readonly field: string;
  readonly text: string;
}

/** Fields of a kustomization whose entries are folders or files; kustomize fetches what is not there from the network. */
export const resourceFields = ['resources', 'bases', 'components'];

/** Their contents are data: a URL in them is never followed. */
const dataFields = new Set([
  'literals',
  'labels',
  'annotations',
  'commonLabels',
  'commonAnnotations',
  'images',
  'value',
  'patch',
  'options',
  'metadata',
  'vars',
  'inline',
]);

/**
 * Every text that names another host, wherever it stands in a kustomization or in the configuration of a built-in
 * plug-in: almost every path that kustomize loads may be a URL. Texts of several lines are contents, not names.
 * `skipped` are fields of the top level that the caller looks at by itself.
 */
export function remoteTexts(
  value: unknown,
  field = '',
  skipped: readonly string[] = [],
): readonly RemoteText[] {
  if (typeof value === 'string') return isRemoteName(value) ? [{ field, text: value }] : [];
  if (Array.isArray(value)) return value.flatMap((item, index) => remoteTexts(item, `${field}[${index}]`));
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([name, item]) => {
    if (dataFields.has(name) || skipped.includes(name)) return [];
    const here = field === '' ? name : `${field}.${name}`;
    return resourceFields.includes(name) ? remoteResources(item, here) : remoteTexts(item, here);
  });
}

function remoteResources(value: unknown, field: string): readonly RemoteText[] {
  if (!Array.isArray(value)) return remoteTexts(value, field);
  return value.flatMap((item, index) =>
    typeof item === 'string' && isRemote(item)
      ? [{ field: `${field}[${index}]`, text: item }]
      : remoteTexts(item, `${field}[${index}]`),
  );
}

/**
 * Kustomize's own notion of a remote file, and of a repository: a scheme, or `user@host:`. Also behind the key of
 * `key=path`; the whole text counts as well, because a URL may hold an `=` of its own. `http:` without slashes is
 * refused too: whether that is fetched is for nobody to find out.
 */
function isRemoteName(text: string): boolean {
  const whole = text.trim();
  if (whole.includes('\n')) return false;
  const names = [whole, whole.slice(whole.indexOf('=') + 1).trim()];
  return names.some(
    (name) =>
      /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(name) ||
      /^(?:https?|git):/i.test(name) ||
      /^[\w.-]+@[\w.-]+:/.test(name),
  );
}

/** As above, and the short forms that only entries of `resources` may have: `github.com/o/r//path?ref=v1`. */
export function isRemote(text: string): boolean {
  return (
    isRemoteName(text) ||
    (!text.trim().includes('\n') && /[?&]ref=/.test(text)) ||
    /^(?:www\.)?(?:github|gitlab|bitbucket)\.[a-z]+[/:]/.test(text)
  );
}
