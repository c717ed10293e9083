/**
 * What start.ts puts an agent together from. Reading order: cluster (which API server it keeps), policy-file (what it accepts),
 * join-line and join (who it is), stores (where its state and its credentials are), readiness (what it tells of itself).
 */
export { kubeConfigOf, readKubeSystemUid } from './cluster.ts';
export { ensureIdentity } from './join.ts';
export { loadPolicy } from './policy-file.ts';
export { readiness } from './readiness.ts';
export { credentialsOf, openStore } from './stores.ts';
