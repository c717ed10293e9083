/**
 * The rules of the house as tests. Each rule is a pure function of the repository's texts with examples of its
 * own; repository.tidy.test.ts runs all of them on the real tree.
 *
 * Reading order: rule.ts, repository.ts (and source-text.ts, imports.ts below it), then rules/.
 */

import type { Rule } from './rule.ts';
import { contractRule } from './rules/contracts.ts';
import { coreRule } from './rules/core.ts';
import { decisionRule, docstringRule, indexRule } from './rules/documents.ts';
import { cycleRule, deadFileRule } from './rules/graph.ts';
import { invariantRule, mutantRule } from './rules/invariants.ts';
import { exportsRule, layerRule } from './rules/layers.ts';
import { lazyRule, libraryRule, manifestRule } from './rules/libraries.ts';
import { nameRule } from './rules/names.ts';
import { placeRule, rootRule } from './rules/places.ts';
import { type Ratchet, sizeRule } from './rules/sizes.ts';
import { syntaxRule } from './rules/syntax.ts';

/** Every rule, in the order of reading a repository: its shape, then its files, then its lines. */
export function allRules(ratchet: Ratchet): readonly Rule[] {
  return [
    rootRule,
    nameRule,
    sizeRule(ratchet),
    manifestRule,
    layerRule,
    exportsRule,
    libraryRule,
    lazyRule,
    cycleRule,
    deadFileRule,
    coreRule,
    syntaxRule,
    docstringRule,
    indexRule,
    decisionRule,
    placeRule,
    contractRule(),
    invariantRule(),
    mutantRule(),
  ];
}
