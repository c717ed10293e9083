import type { Cluster, ExcludingTerm } from '@flotilla/shared/model';
import type { CelAnswer, CelReader } from './cel-reader.ts';

/** Why an expression that reads facts cannot be asked about a cluster now; undefined = it can. */
export function unknownFacts({ facts, name }: Cluster): ExcludingTerm | undefined {
  if (facts === undefined) {
    const text = `${name} has reported no facts yet`;
    return { code: 'FactsUnknown', text, subject: name, change: undefined };
  }
  if (facts.isFresh) return undefined;
  const text = `the facts of ${name} are not fresh: its agent is not connected, or has not reached it`;
  return { code: 'FactsStale', text, subject: name, change: undefined };
}

/** Why an expression does not take a cluster; nothing when it does. */
export function celMismatch(text: string, cluster: Cluster, reader: CelReader): readonly ExcludingTerm[] {
  const answer = reader.answer(text, cluster);
  if (answer.kind === 'true') return [];
  if (answer.kind !== 'false') return [noAnswer(text, cluster, answer)];
  const facts = reader.readsFacts(text) ? ` with ${factsText(cluster)}` : '';
  return [
    {
      code: 'CelFalse',
      text: `cel ${JSON.stringify(text)} is false for ${cluster.name}${facts}`,
      subject: cluster.name,
      change: 'change cel, or what it asks for',
    },
  ];
}

/** An expression that gives no answer for a cluster. */
export function noAnswer(
  text: string,
  { name }: Cluster,
  answer: Exclude<CelAnswer, { readonly kind: 'true' | 'false' }>,
): ExcludingTerm {
  const why = answer.kind === 'error' ? answer.text : 'it has reported no facts yet';
  return {
    code: 'CelNoAnswer',
    text: `cel ${JSON.stringify(text)} has no answer for ${name}: ${why}`,
    subject: name,
    change: "change cel, for example by asking first: 'key' in facts.more && ...",
  };
}

function factsText({ facts }: Cluster): string {
  const { kubernetes = '', nodes = 0 } = facts?.values ?? {};
  return `kubernetes ${kubernetes === '' ? 'unknown' : kubernetes}, ${nodes === 0 ? 'unknown' : nodes} nodes`;
}
