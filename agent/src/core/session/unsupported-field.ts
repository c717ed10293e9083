import { type AssignmentRow, type Content, type DeliveredCredential, isSshUrl } from '@flotilla/shared/model';

/** Optional abilities of an agent. What is not listed here every agent of protocol version 1 can do. */
export type Capability =
  | 'apply.confirm'
  | 'apply.take-over-from'
  | 'git.signers'
  | 'git.ssh'
  | 'health.cel'
  | 'health.stage-checks'
  | 'render.helm'
  | 'render.variables';

/** Abilities of this agent, shown in Hello. Whoever builds one adds it here and the NACK goes away. */
export const agentCapabilities: readonly Capability[] = [
  'apply.confirm',
  'apply.take-over-from',
  'git.signers',
  'git.ssh',
  'health.cel',
  'health.stage-checks',
  'render.helm',
  'render.variables',
];

/** One thing that a row may ask for and an agent may not be able to do. */
interface OptionalField {
  /** Path in the words of the .proto file. */
  readonly field: string;
  readonly needs: Capability;
  /** What is asked for when the field asks for something; undefined = nothing. */
  readonly asks: (row: AssignmentRow) => string | undefined;
}

const optionalFields: readonly OptionalField[] = [
  {
    field: 'render.renderer',
    needs: 'render.helm',
    asks: ({ variant }) => (variant.render.renderer === 'helm' ? 'helm' : undefined),
  },
  {
    field: 'render.helm',
    needs: 'render.helm',
    asks: ({ variant }) => (variant.render.helm === undefined ? undefined : 'Helm options'),
  },
  {
    field: 'render.variables',
    needs: 'render.variables',
    asks: ({ variant }) => Object.keys(variant.render.variables).sort()[0],
  },
  {
    field: 'content.required_signers',
    needs: 'git.signers',
    asks: ({ variant }) => (variant.content.requiredSigners.length > 0 ? 'a signature check' : undefined),
  },
  { field: 'content.repository_url', needs: 'git.ssh', asks: ({ variant }) => sshUrl(variant.content) },
  { field: 'credential.ssh', needs: 'git.ssh', asks: ({ credential }) => sshCredential(credential) },
  {
    field: 'apply.confirm_ms',
    needs: 'apply.confirm',
    asks: ({ variant }) =>
      variant.apply.confirmMs === undefined ? undefined : `${variant.apply.confirmMs} ms`,
  },
  {
    field: 'apply.take_over_from',
    needs: 'apply.take-over-from',
    asks: ({ variant }) => variant.apply.takeOverFrom,
  },
  {
    field: 'health.checks',
    needs: 'health.cel',
    asks: ({ variant }) => variant.health.checks[0]?.cel.slice(0, 80),
  },
  {
    field: 'health.stage_checks',
    needs: 'health.stage-checks',
    asks: ({ variant }) => {
      const [first] = variant.health.stageChecks ?? [];
      return first && `check ${first.name}`;
    },
  },
];

/** The first field of a row that asks for what this agent cannot do, as a sentence that names it; undefined = none. */
export function unsupportedField(
  row: AssignmentRow,
  capabilities: readonly string[],
): { readonly field: string; readonly text: string } | undefined {
  for (const { field, needs, asks } of optionalFields) {
    if (capabilities.includes(needs)) continue;
    const asked = asks(row);
    if (asked !== undefined) {
      return { field, text: `${field}: this agent cannot do ${asked} (capability ${needs})` };
    }
  }
  return undefined;
}

function sshUrl(content: Content): string | undefined {
  return isSshUrl(content.repositoryUrl) ? 'SSH' : undefined;
}

function sshCredential(credential: DeliveredCredential | undefined): string | undefined {
  return credential?.kind === 'ssh' ? 'an SSH key' : undefined;
}
