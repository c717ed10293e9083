import type { Rule } from '../rule.ts';

const bannedWords = new Set(['util', 'utils', 'common', 'manager', 'helper', 'helpers', 'misc']);
/** Names of things of Kubernetes that contain a banned word. */
const foreignNames = /(?:controller|field)-managers?/g;
/** Names that tools, conventions or foreign formats insist on. */
const givenNames =
  /^(?:README\.md|PROTOCOL\.md|ERRORS\.md|LICENSE|Dockerfile(?:\.[a-z-]+)?|(?:[a-z-]+\.)?Containerfile|Chart\.yaml|NOTES\.txt|_[a-z-]+\.tpl)$/;
/** Example repositories, recordings and test data look as they would anywhere. */
const freeFolders = /^(?:deploy\/(?:examples|dashboards)\/|.*\/testdata\/|test\/(?:replay|bench\/results)\/)/;
const kebab = /^\.?[a-z0-9]+(?:[.-][a-z0-9]+)*$/;

function judgeName(path: string): string | undefined {
  if (freeFolders.test(path)) return undefined;
  for (const part of path.split('/')) {
    if (givenNames.test(part)) continue;
    if (!kebab.test(part)) return `has ${part} in its path, which is not kebab-case`;
    const words = part.replaceAll(foreignNames, '').split(/[.-]/);
    const banned = words.find((word) => bannedWords.has(word));
    if (banned !== undefined) return `is named "${banned}"`;
  }
  return undefined;
}

/** A name says what is inside. */
export const nameRule: Rule = {
  name: 'files and folders are kebab-case and named for what they hold',
  reason:
    'a reader should guess where code lives and be right; util, common, manager, helper and misc say nothing',
  find: (repository) =>
    repository.files.flatMap(({ path }) => {
      const what = judgeName(path);
      return what === undefined ? [] : [{ path, what }];
    }),
};
