import type { FleetSpec } from '../core/index.ts';
import type { GitRemote } from '../ports.ts';

/** Name of the control repository where sources are named. */
export const controlSource = 'control';

/** The repository behind a source name; undefined when no Source document has it. */
export function remoteOf(spec: FleetSpec, source: string, control: GitRemote): GitRemote | undefined {
  if (source === controlSource) return control;
  const found = spec.sources.find((one) => one.name === source);
  if (found === undefined) return undefined;
  const { caBundlePem, credential, requiredSigners: signers, url } = found;
  return { url, credential, caBundlePem, signers };
}
