import type { Result } from '@flotilla/shared/base';
import { type CelData, type CelProgram, parseCel } from '@flotilla/shared/base/cel';
import type { ClusterFacts } from '@flotilla/shared/model';

const variables: readonly string[] = ['labels', 'facts', 'name'];

/** Facts that an expression may name. */
const factNames: readonly (keyof ClusterFacts['values'])[] = [
  'agent',
  'isSimulated',
  'kubernetes',
  'more',
  'nodes',
];

/** Reads the expression of a selector; the error is a clause that says what is wrong with it. */
export function parseSelectorCel(text: string): Result<CelProgram, string> {
  return parseCel(text, variables, { fields: { facts: factNames } });
}

/** What expressions see of a cluster. A fact that the agent does not know is absent: an expression that needs it has no answer. */
export function selectorData(cluster: {
  readonly name: string;
  readonly labels: { readonly [key: string]: string };
  readonly facts?: ClusterFacts | undefined;
}): CelData {
  const { kubernetes, nodes, ...others } = cluster.facts?.values ?? {};
  return {
    name: cluster.name,
    labels: cluster.labels,
    facts: {
      ...others,
      ...(kubernetes !== undefined && kubernetes !== '' && { kubernetes }),
      ...(nodes !== undefined && nodes !== 0 && { nodes }),
    },
  };
}

/** A cluster that has every fact. */
const example: ClusterFacts = {
  isFresh: true,
  values: { agent: '0.1.0', isSimulated: false, kubernetes: 'v1.29.3', more: {}, nodes: 3 },
};

/**
 * What is wrong with an expression, as a clause; undefined when it can be evaluated. Beside what reading it finds: one that
 * is neither true nor false, and one that has no answer although nothing that it asks for is missing.
 */
export function judgeSelectorCel(text: string): string | undefined {
  const program = parseSelectorCel(text);
  if (!program.ok) return `is no expression over ${variables.join(', ')}: ${program.error}`;
  const answer = program.value.evaluate(selectorData({ name: 'example', labels: {}, facts: example }));
  if (answer.ok) return undefined;
  if (answer.error.kind === 'not-boolean') return answer.error.text;
  const isComplete = [...program.value.reads].every((one) => one === 'facts') && !/\bmore\b/.test(text);
  return isComplete ? `has no answer on any cluster: ${answer.error.text}` : undefined;
}
