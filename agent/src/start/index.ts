/**
 * What start.ts puts an agent together from. Reading order: cluster (which API server it keeps), join-line and join (who
 * it is),
 * readiness (what it tells of itself).
 */
export { kubeConfigOf, readKubeSystemUid } from './cluster.ts';
export { ensureIdentity } from './join.ts';
export { readiness } from './readiness.ts';
