import type { Content } from '@flotilla/shared/model';
import { type AllowedRepository, type LocalPolicy, type PolicyRefusal, refuse } from './local-policy.ts';

/** Why a cluster does not take this content, as far as the row says it; undefined = it does. Total, and asks nobody. */
export function refuseContent(
  { repositoryUrl, trees }: Pick<Content, 'repositoryUrl' | 'trees'>,
  policy: LocalPolicy | undefined,
): PolicyRefusal | undefined {
  if (policy?.repositories === undefined) return undefined;
  const matching = repositoriesFor(repositoryUrl, policy.repositories);
  if (matching.length === 0)
    return refuse(policy, 'repositories', `content of ${shown(repositoryUrl)} is not taken`);
  const outside = trees.find(({ path }) => !matching.some((one) => isWithin(path, one.paths)));
  if (outside === undefined) return undefined;
  const where = outside.path === '' ? 'the root' : `path ${outside.path}`;
  return refuse(policy, 'paths', `${where} of ${shown(repositoryUrl)} is not taken`);
}

/** The lists of signers of which each must hold the one who signed a commit of this content. */
export function signersFor(
  { repositoryUrl, trees }: Pick<Content, 'repositoryUrl' | 'trees'>,
  policy: LocalPolicy | undefined,
): readonly (readonly string[])[] {
  const matching = repositoriesFor(repositoryUrl, policy?.repositories ?? []);
  const concerned = matching.filter((one) => trees.some(({ path }) => isWithin(path, one.paths)));
  return concerned.flatMap(({ signers }) => (signers === undefined ? [] : [signers]));
}

function repositoriesFor(
  repositoryUrl: string,
  repositories: readonly AllowedRepository[],
): readonly AllowedRepository[] {
  const url = plain(repositoryUrl);
  // `https://a/shop` must not stand for `https://a/shop-of-somebody-else`, nor for what leads out of it again.
  const isBelow = (prefix: string) =>
    url.startsWith(prefix) && !/(^|\/)\.{1,2}(\/|$)|%|[?#\\]/.test(url.slice(prefix.length));
  return repositories.filter(({ url: allowed }) =>
    allowed.endsWith('/') ? isBelow(allowed) : plain(allowed) === url,
  );
}

/** A login in a URL is nobody's business here. */
function plain(url: string): string {
  return url.replace(/\/+$/, '').replace(/\.git$/, '');
}

function shown(url: string): string {
  return url.replace(/\/\/[^/\s@]+@/, '//');
}

function isWithin(path: string, folders: readonly string[] | undefined): boolean {
  if (folders === undefined) return true;
  return folders.some((folder) => path === folder || path.startsWith(`${folder}/`));
}
