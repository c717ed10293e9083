/** Many agents in one process, each by the production path from its token to its reports; none has a cluster. */
import { describeError } from '@flotilla/shared/base';
import { ReportingAgent, type ReportingAgentSettings } from './reporting-agent.ts';

/** What the scenario asks this process. */
export type AgentsQuestion =
  | { readonly do: 'start'; readonly agents: readonly ReportingAgentSettings[] }
  /** How many follow a hub. */
  | { readonly do: 'connected' }
  /** For people: how many follow a hub, reach the bus, and wait for a report to be folded. */
  | { readonly do: 'count' };

const joinsMax = 8;
const lookMs = 100;
const stopping = new AbortController();
const agents: ReportingAgent[] = [];
const ticking = setInterval(() => {
  for (const agent of agents) agent.tick(performance.now());
}, lookMs);

process.on('message', (message: { readonly id: number } & AgentsQuestion) => {
  answer(message).then(
    (ok) => process.send?.({ id: message.id, ok }),
    (error: unknown) => process.send?.({ id: message.id, error: describeError(error) }),
  );
});
process.on('SIGINT', () => {});
process.on('SIGTERM', () => void stop());
process.on('disconnect', () => void stop());
process.stdout.write(`${JSON.stringify({ pid: process.pid })}\n`);

async function answer(question: AgentsQuestion): Promise<number | string> {
  if (question.do === 'start') {
    const line = [...question.agents];
    const work = async () => {
      for (let next = line.shift(); next !== undefined; next = line.shift()) {
        agents.push(await ReportingAgent.start(next, stopping.signal));
      }
    };
    await Promise.all(Array.from({ length: joinsMax }, work));
  }
  const connected = agents.filter((agent) => agent.isConnected).length;
  if (question.do !== 'count') return connected;
  const reaching = agents.filter((agent) => agent.reachesBus).length;
  const owed = agents.filter((agent) => agent.isOwed).length;
  return `${connected} agents follow a hub, ${reaching} reach the bus, ${owed} have said what is not folded`;
}

async function stop(): Promise<void> {
  if (stopping.signal.aborted) return;
  clearInterval(ticking);
  stopping.abort(new DOMException('the scenario is over', 'AbortError'));
  await Promise.allSettled(agents.map((agent) => agent.stop()));
  process.exit(0);
}
