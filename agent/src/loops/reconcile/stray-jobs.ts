import type { KubeObject } from '@flotilla/shared/model';
import {
  checkLabel,
  checkOfLabel,
  checkVersionAnnotation,
  formatOwner,
  isOwnJob,
  type JobRun,
} from '../../core/index.ts';
import { KubeError } from '../../kube-port.ts';
import type { EngineContext } from '../engine/engine-context.ts';

type StrayContext = Pick<EngineContext, 'config' | 'log' | 'ports' | 'slots'>;

/**
 * The Jobs of checks that the cluster has of this agent, as it finds them after a start: the state store may have been lost, and with
 * it the record of what runs. Asked once, by whoever needs it first; a failure is thrown, and the next one asks again.
 */
export class StrayJobs {
  readonly #context: StrayContext;
  #found: ReadonlyMap<string, readonly JobRun[]> | undefined;

  constructor(context: StrayContext) {
    this.#context = context;
  }

  /** Runs of a placement's checks of which a Job is there. Rejects with KubeError. */
  async of(placement: string, signal: AbortSignal): Promise<readonly JobRun[]> {
    this.#found ??= Map.groupBy(await this.#list(signal), (one) => one.placement);
    return this.#found.get(placement) ?? [];
  }

  async #list(signal: AbortSignal): Promise<readonly (JobRun & { readonly placement: string })[]> {
    const { config, log, ports, slots } = this.#context;
    const selection = { kind: { group: 'batch', version: 'v1', kind: 'Job' }, labelSelector: checkLabel };
    try {
      const { items } = await slots.run(() => ports.kube.list(selection, signal), signal);
      return items.flatMap((job) => runIn(job, formatOwner(config.owner)) ?? []);
    } catch (error) {
      // Who may not list them all knows of those that the store remembers.
      if (!(error instanceof KubeError) || error.reason !== 'Forbidden') throw error;
      log.info('Jobs of checks cannot be listed', { code: error.reason });
      return [];
    }
  }
}

/** What a Job of ours says that it runs for; undefined = it is not ours. */
function runIn(job: KubeObject, owner: string): (JobRun & { readonly placement: string }) | undefined {
  const { annotations = {}, labels = {}, name, namespace } = job.metadata;
  const [check, placement, version] = [
    labels[checkLabel],
    labels[checkOfLabel],
    annotations[checkVersionAnnotation],
  ];
  const isNamed = check !== undefined && placement !== undefined && version !== undefined;
  if (!isNamed || namespace === undefined) return undefined;
  if (!isOwnJob(job, { check, placement, version, owner })) return undefined;
  return { placement, check, version, namespace, name, end: undefined };
}
