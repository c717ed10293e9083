import type { Cluster } from '@flotilla/shared/model';
import { clusterOf, parseRegistration } from '../../core/enrol/index.ts';
import { usable } from './records.ts';

/** The cluster of a record in bucket `flotilla-clusters`. Throws EnrolRecordError on what cannot be read. */
export function readRegistration(key: string, value: unknown): Cluster {
  return clusterOf(usable(parseRegistration(value), key));
}
