import { readFile } from 'node:fs/promises';
import { FlotillaError } from '@flotilla/shared/base';
import { parseSigners } from '@flotilla/shared/model';
import type { HubConfig } from '../config.ts';
import type { GitRemote } from '../ports.ts';

/** What of the settings is about the control repository. */
export type ControlSettings = Pick<
  HubConfig,
  'controlCaFile' | 'controlCredential' | 'controlSignersFile' | 'controlUrl'
>;

/** The control repository as it is asked for. Rejects when a file cannot be read, and with SIGNERS_MALFORMED. */
export async function controlRemote(config: ControlSettings): Promise<GitRemote> {
  const { controlCaFile, controlCredential, controlUrl } = config;
  const caBundlePem = controlCaFile === undefined ? undefined : await readFile(controlCaFile, 'utf8');
  return {
    url: controlUrl,
    credential: controlCredential,
    caBundlePem,
    signers: await controlSigners(config),
  };
}

async function controlSigners({ controlSignersFile }: ControlSettings): Promise<readonly string[]> {
  if (controlSignersFile === undefined) return [];
  const read = parseSigners(await readFile(controlSignersFile, 'utf8'));
  if (read.ok) return read.value;
  throw new FlotillaError(`control-signers-file ${controlSignersFile}: ${read.error}`, {
    code: 'SIGNERS_MALFORMED',
    retry: 'never',
  });
}
