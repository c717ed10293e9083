/**
 * A large application in a large repository. Reading order: repository (what lies in it), counting-proxy (what goes over the wire),
 * measure.
 */
export { measureMonorepo } from './measure.ts';
