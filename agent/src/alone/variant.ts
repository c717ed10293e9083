import { FlotillaError, type Json, stableJson } from '@flotilla/shared/base';
import type { ApplyPolicy, Content, PrunePolicy, Render, Variant } from '@flotilla/shared/model';
import { variantDigest } from '@flotilla/shared/model';
import { readYaml } from '../core/render/yaml.ts';
import type { SourceConfig } from './settings.ts';

/** How the content becomes objects, as a placement would say it. */
export function renderOf(config: SourceConfig): Render {
  const hasValues = config.valuesFile.length > 0 || config.values !== undefined;
  const valuesJson = config.values === undefined ? undefined : toJson(config.values);
  return {
    renderer: hasValues ? 'helm' : 'auto',
    helm: hasValues ? { releaseName: undefined, valuesFiles: config.valuesFile, valuesJson } : undefined,
    namespace: config.namespace,
    patches: [],
    variables: {},
  };
}

function toJson(text: string): string {
  const read = readYaml(text);
  const isMapping =
    read.ok && typeof read.value === 'object' && read.value !== null && !Array.isArray(read.value);
  // Read as YAML without tags that JSON does not know; what is left is JSON.
  if (isMapping) return stableJson(read.value as Json);
  const why = read.ok ? 'is no mapping' : `cannot be read: ${read.text}`;
  throw new FlotillaError(`--values ${why}`, { code: 'VALUES_BROKEN', retry: 'never' });
}

/** Budgets of a placement that names none. */
const budgets = { maxObjects: 20, maxPercent: 30 };

/** A variant with the defaults of a placement. */
export function variantOf(
  content: Content,
  config: SourceConfig,
  wish: Pick<ApplyPolicy, 'takeOver' | 'createNamespace'> & {
    readonly prunes: boolean;
    readonly deadlineMs: number;
  },
): Variant {
  const prune: PrunePolicy = { ...budgets, enabled: wish.prunes };
  const variant = {
    content,
    render: renderOf(config),
    apply: {
      mode: 'bestEffort',
      takeOver: wish.takeOver,
      drift: 'correct',
      ignore: [],
      createNamespace: wish.createNamespace,
      priority: 0,
      takeOverFrom: undefined,
      confirmMs: undefined,
    },
    health: { deadlineMs: wish.deadlineMs, soakMs: 0, checks: [] },
    prune,
  } as const;
  return { ...variant, digest: variantDigest(variant) };
}
