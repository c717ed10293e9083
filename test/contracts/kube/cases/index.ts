/**
 * The cases of the contract suite, by area. Reading order: apply-basics, ownership, lists, status, validation, deletion,
 * writing, reading, watching, definitions; then what needs controllers: deployments, workloads, cluster-services.
 */
import type { CaseGroup } from '../contract-case.ts';
import { applyBasics } from './apply-basics.ts';
import { clusterServices } from './cluster-services.ts';
import { definitions } from './definitions.ts';
import { deletion } from './deletion.ts';
import { deployments } from './deployments.ts';
import { lists } from './lists.ts';
import { ownership } from './ownership.ts';
import { reading } from './reading.ts';
import { statusSubresource } from './status.ts';
import { validation } from './validation.ts';
import { watching } from './watching.ts';
import { workloads } from './workloads.ts';
import { writing } from './writing.ts';

/** All groups. */
export const allGroups: readonly CaseGroup[] = [
  applyBasics,
  ownership,
  lists,
  statusSubresource,
  validation,
  deletion,
  writing,
  reading,
  watching,
  definitions,
  deployments,
  workloads,
  clusterServices,
];
