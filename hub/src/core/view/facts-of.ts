import type { ClusterFacts, Facts } from '@flotilla/shared/model';
import type { ClusterView } from './cluster-view.ts';
import { isFresh } from './fold-view.ts';

/**
 * What rules may know of a cluster by its own word, after a change of its view. Facts are fresh from the first moment that
 * the cluster is fresh on a stream until that stream is gone: between a heartbeat that names a new report and that report,
 * a second later, those of before still count. An agent that has not reached its API server says nothing of the cluster.
 * The same object comes back when nothing that rules can see has changed.
 */
export function factsOf(view: ClusterView, before: ClusterFacts | undefined): ClusterFacts | undefined {
  const { presence, report } = view;
  if (report === undefined || report.facts.kubernetes === '') {
    return before?.isFresh === true ? { ...before, isFresh: false } : before;
  }
  const isStill = presence === 'connected' && before?.isFresh === true;
  const isNow = isFresh(view);
  // What an agent says that is not fresh on this stream replaces nothing that is.
  if (isStill && !isNow) return before;
  const values = visible(report.facts);
  if (before !== undefined && before.isFresh === isNow && isSame(before.values, values)) return before;
  return { values, isFresh: isNow };
}

function visible({ agent, isSimulated, kubernetes, more, nodes }: Facts): ClusterFacts['values'] {
  return { agent, isSimulated, kubernetes, more, nodes };
}

function isSame(left: ClusterFacts['values'], right: ClusterFacts['values']): boolean {
  const [names, others] = [Object.keys(left.more), Object.keys(right.more)];
  return (
    left.agent === right.agent &&
    left.isSimulated === right.isSimulated &&
    left.kubernetes === right.kubernetes &&
    left.nodes === right.nodes &&
    names.length === others.length &&
    names.every((name) => left.more[name] === right.more[name])
  );
}
