import { open } from 'node:fs/promises';
import {
  describeError,
  err,
  errorCode,
  limits,
  ok,
  parseClusterName,
  type Result,
} from '@flotilla/shared/base';
import type { SettingsReading } from '@flotilla/shared/kit/settings';
import { isLoopbackHost, parseJoinLine } from '@flotilla/shared/model';
import type { AgentConfig, agentSettings } from '../config.ts';

const makeNew = 'make a new one with "flotilla cluster join-command NAME"';

/**
 * The join line as it was given, not parsed; undefined = none is. The error says which file, why, and what to do, and
 * never quotes what it holds: a join line is a secret.
 */
export async function readJoinLine({
  join,
  joinFile,
}: Pick<AgentConfig, 'join' | 'joinFile'>): Promise<Result<string | undefined, string>> {
  if (joinFile === undefined) return ok(join);
  const text = await readBounded(joinFile);
  return text.ok ? text : err(`join-file ${joinFile} ${text.error}`);
}

/**
 * What is wrong with the words an agent would join by: the line itself, the file that holds it, the name that is wished.
 * A running agent can do without all of them once it has joined, so `--check-config` alone asks. Whether a token was
 * used or has ended only the hub knows: the line says nothing of it.
 */
export async function inspectJoin(
  reading: SettingsReading<typeof agentSettings>,
): Promise<readonly string[]> {
  const { values, from } = reading;
  const mistakes: string[] = [];
  if (values.join !== undefined) mistakes.push(...lineMistakes('join', values.join, reading));
  if (values.joinFile !== undefined) {
    const text = await readJoinLine({ join: undefined, joinFile: values.joinFile });
    if (!text.ok) mistakes.push(`${text.error} (${from('joinFile')})`);
    else mistakes.push(...lineMistakes('joinFile', text.value ?? '', reading));
  }
  const name = values.clusterName === undefined ? ok(undefined) : parseClusterName(values.clusterName);
  if (!name.ok) mistakes.push(`cluster-name: ${name.error} (${from('clusterName')})`);
  return mistakes;
}

function lineMistakes(
  key: 'join' | 'joinFile',
  text: string,
  { values, from }: SettingsReading<typeof agentSettings>,
): readonly string[] {
  const place = key === 'join' ? 'join' : `join-file ${values.joinFile}`;
  const line = parseJoinLine(text);
  if (!line.ok)
    return [`${place} holds no join line: ${line.error}; copy it whole, or ${makeNew} (${from(key)})`];
  const host = line.value.address.replace(/:[0-9]+$/, '');
  if (values.insecureSkipPin !== true || isLoopbackHost(host)) return [];
  return [
    `insecure-skip-pin is for hubs on this machine, and ${place} leads to ${host}: leave it out (${from('insecureSkipPin')})`,
  ];
}

async function readBounded(path: string): Promise<Result<string, string>> {
  try {
    await using file = await open(path, 'r');
    const { bytesRead, buffer } = await file.read({ buffer: Buffer.alloc(limits.joinLineBytesMax + 1) });
    if (bytesRead > limits.joinLineBytesMax)
      return err('is too large to be a join line: is it the right file?');
    const text = buffer.toString('utf8', 0, bytesRead).trim();
    return text === '' ? err(`is empty: ${fill}`) : ok(text);
  } catch (error) {
    return err(`cannot be read: ${reasons[errorCode(error) ?? ''] ?? `${describeError(error)}; ${fill}`}`);
  }
}

const fill = 'put the line that "flotilla cluster join-command NAME" prints into it';

const reasons: { readonly [code: string]: string } = {
  ENOENT: `it does not exist; ${fill}`,
  EACCES: 'this user may not read it; give the user of the agent the right to',
  EISDIR: 'it is a folder; name the file in it',
};
