/** The demo's simulated clusters: one process, one production agent for each, asked over the IPC channel. */
import { parseArgs } from 'node:util';
import { describeError } from '@flotilla/shared/base';
import { createLogger } from '@flotilla/shared/kit';
import type { ClusterQuestion, ClusterWrites } from './questions.ts';
import { SimulatedMember } from './simulated-member.ts';

const { values } = parseArgs({ options: { folder: { type: 'string' }, kustomize: { type: 'string' } } });
const { folder, kustomize } = values;
if (folder === undefined || kustomize === undefined || process.send === undefined) {
  process.stderr.write('usage: started by the demo with --folder DIR --kustomize PATH and an IPC channel\n');
  process.exit(2);
}

const log = createLogger({ program: 'flotilla-agent', level: 'info', format: 'json' });
const stopping = new AbortController();
const members = new Map<string, SimulatedMember>();

process.on('message', (message: { id: number } & ClusterQuestion) => {
  answer(message).then(
    (ok) => process.send?.({ id: message.id, ok }),
    (error: unknown) => process.send?.({ id: message.id, error: describeError(error) }),
  );
});
process.on('SIGINT', () => {});
process.on('SIGTERM', () => void closeAll());
process.on('disconnect', () => void closeAll());
process.stdout.write(`${JSON.stringify({ pid: process.pid })}\n`);

async function answer(question: ClusterQuestion): Promise<unknown> {
  switch (question.do) {
    case 'start':
      await Promise.all(
        question.clusters.map(({ name, joinLine }) => memberOf(name).start(joinLine, stopping.signal)),
      );
      return question.clusters.length;
    case 'mark':
      for (const member of members.values()) member.mark();
      return true;
    case 'writes':
      return [...members.values()].map(
        (member): ClusterWrites => ({
          cluster: member.name,
          writes: member.writesSinceMark(question.namespace),
        }),
      );
    case 'edit':
      return await known(question.cluster).edit(question.ref, question.patch);
    case 'get':
      return await known(question.cluster).get(question.ref);
    case 'offline':
      return await known(question.cluster).stop();
    case 'online':
      return await known(question.cluster).start(undefined, stopping.signal);
  }
}

function memberOf(name: string): SimulatedMember {
  const found = members.get(name);
  if (found) return found;
  const member = new SimulatedMember(name, members.size + 1, {
    folder: folder ?? '',
    kustomize: kustomize ?? '',
    log,
  });
  members.set(name, member);
  return member;
}

function known(name: string): SimulatedMember {
  const member = members.get(name);
  if (!member) throw new Error(`there is no cluster ${name}`);
  return member;
}

async function closeAll(): Promise<void> {
  if (stopping.signal.aborted) return;
  stopping.abort(new DOMException('the demo ends', 'AbortError'));
  await Promise.allSettled([...members.values()].map((member) => member.close()));
  process.exit(0);
}
