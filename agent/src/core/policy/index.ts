/**
 * What a cluster accepts by itself, whatever its hub says: total judgements over a policy that a person wrote on the cluster.
 * Reading order: local-policy, parse-policy, refuse-content, refuse-object.
 */

export {
  type AllowedRepository,
  type DeletesLimit,
  deletesLimitOf,
  type LocalPolicy,
  type PolicyRefusal,
} from './local-policy.ts';
export { parsePolicy } from './parse-policy.ts';
export { refuseContent, signersFor } from './refuse-content.ts';
export { refuseNamespace, refuseObject } from './refuse-object.ts';
