/** What goes out about assignments. Reading order: report (to the hub), status-objects (in the cluster). */
export { Reporter } from './report.ts';
export { StatusObjects } from './status-objects.ts';
