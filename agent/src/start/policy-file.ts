import { open } from 'node:fs/promises';
import { describeError, err, FlotillaError, limits, ok, type Result } from '@flotilla/shared/base';
import type { SettingsReading } from '@flotilla/shared/kit/settings';
import type { AgentConfig, agentSettings } from '../config.ts';
import { type LocalPolicy, parsePolicy } from '../core/policy/index.ts';
import { readYaml } from '../core/render/yaml.ts';

/**
 * The policy of the cluster; undefined = none is set. Rejects when the file cannot be read or has a mistake: an agent that
 * does not know what it may not do does nothing.
 */
export async function loadPolicy({
  policyFile,
}: Pick<AgentConfig, 'policyFile'>): Promise<LocalPolicy | undefined> {
  if (policyFile === undefined) return undefined;
  const read = await readPolicy(policyFile);
  if (read.ok) return read.value;
  throw new FlotillaError(read.error.join('; '), { code: 'POLICY_FILE', retry: 'never' });
}

/** What is wrong with the file, for `--check-config`. */
export async function inspectPolicy({
  values,
  from,
}: SettingsReading<typeof agentSettings>): Promise<readonly string[]> {
  if (values.policyFile === undefined) return [];
  const read = await readPolicy(values.policyFile);
  return read.ok ? [] : read.error.map((text) => `${text} (${from('policyFile')})`);
}

/** Every mistake begins with the file, and with the line where it is known. */
async function readPolicy(file: string): Promise<Result<LocalPolicy, readonly string[]>> {
  const text = await readBounded(file);
  if (!text.ok) return err([`policy-file ${file} ${text.error}`]);
  const yaml = readYaml(text.value);
  if (!yaml.ok)
    return err([`policy-file ${file}${yaml.line === undefined ? '' : `:${yaml.line}`} ${yaml.text}`]);
  const policy = parsePolicy(yaml.value, file);
  return policy.ok ? policy : err(policy.error.map((mistake) => `policy-file ${file}: ${mistake}`));
}

async function readBounded(file: string): Promise<Result<string, string>> {
  try {
    await using handle = await open(file, 'r');
    const { bytesRead, buffer } = await handle.read({ buffer: Buffer.alloc(limits.policyBytesMax + 1) });
    if (bytesRead <= limits.policyBytesMax) return ok(buffer.toString('utf8', 0, bytesRead));
    return err(`is larger than ${limits.policyBytesMax} bytes: is it the right file?`);
  } catch (error) {
    return err(`cannot be read: ${describeError(error)}; name a file that this user may read`);
  }
}
