import type { Metrics } from '@flotilla/shared/kit';

const counter = { add: () => {}, compute: () => {} };
const gauge = { set: () => {}, compute: () => {} };
const histogram = { observe: () => {} };

/** Metrics that nobody scrapes: a world has hubs by the dozen, and each would make a registry of its own. */
export const silentMetrics: Metrics = {
  counter: () => counter,
  gauge: () => gauge,
  histogram: () => histogram,
  defined: [],
  render: async () => '',
  contentType: 'text/plain',
};
