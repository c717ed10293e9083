import { createHash, createHmac } from 'node:crypto';
import type {
  Assignment,
  Cause,
  PatchTarget,
  Removal,
  RowClaim,
  RowVersion,
} from '@flotilla/proto/assignment';

/** The cluster that scripts play, and the hub's row key, as PROTOCOL.md's texts need them. */
export const scriptUid = 'scriptscriptscript234567aa';
export const rowKey = 'row key of the scripts';

const zero = Buffer.alloc(32);

/** SHA-256. */
export function sha256(text: string | Uint8Array): Buffer {
  return createHash('sha256').update(text).digest();
}

/** PROTOCOL.md 3.6: the JSON text of what a cluster gets, hashed. Written from the table, not from the product's code. */
export function variantDigestOf(row: Assignment): Buffer {
  const { content, render, apply, health, prune } = row;
  if (!content || !render || !apply || !health || !prune) throw new Error('a script’s row is whole');
  return sha256(
    canonical({
      content: {
        repositoryUrl: content.repositoryUrl,
        ...present('credential', content.credential),
        trees: content.trees.map(({ path, treeId }) => ({ path, treeId })),
        requiredSigners: content.requiredSigners,
        ...present('caBundlePem', content.caBundlePem),
      },
      render: {
        renderer: ['auto', 'plain', 'kustomize', 'helm'][render.renderer],
        ...(render.helm && {
          helm: {
            ...present('releaseName', render.helm.releaseName),
            valuesFiles: render.helm.valuesFiles,
            ...present('valuesJson', render.helm.valuesJson),
          },
        }),
        ...present('namespace', render.namespace),
        patches: render.patches.map(({ target, patch }) => ({
          target: targetOf(target),
          kind: patch?.$case === 'jsonPatch' ? 'json' : 'merge',
          patchJson: patch?.value,
        })),
        variables: render.variables,
      },
      apply: {
        mode: ['bestEffort', 'atomic', 'bestEffort'][apply.mode],
        takeOver: ['ifNoDiff', 'ifNoDiff', 'always', 'never'][apply.takeOver],
        drift: ['correct', 'correct', 'report'][apply.drift],
        ignore: apply.ignore.map(({ target, pointers }) => ({ target: targetOf(target), pointers })),
        createNamespace: apply.createNamespace,
        priority: apply.priority,
        ...present('takeOverFrom', apply.takeOverFrom),
        ...(apply.confirmMs === 0n ? {} : { confirmMs: Number(apply.confirmMs) }),
      },
      checks: health.checks.map(({ target, cel }) => ({ target: targetOf(target), cel })),
      prune: { enabled: prune.enabled, maxObjects: prune.maxObjects, maxPercent: prune.maxPercent },
    }),
  );
}

function targetOf(target: PatchTarget | undefined): object {
  return Object.fromEntries(Object.entries(target ?? {}).filter(([, value]) => value !== ''));
}

function present(name: string, text: string): object {
  return text === '' ? {} : { [name]: text };
}

/** RFC 8785 for the values that occur here. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`;
}

/** PROTOCOL.md 3.2. */
export function macOf(
  row: { readonly placement: string; readonly version: RowVersion | undefined; readonly eventHash: Buffer },
  digest: Buffer,
): Buffer {
  const { epoch, seq } = row.version ?? { epoch: 0n, seq: 0n };
  const text =
    `["flotilla-row-1","${scriptUid}","${row.placement}",${epoch},${seq},` +
    `"${digest.toString('hex')}","${row.eventHash.toString('hex')}"]`;
  return createHmac('sha256', rowKey).update(text).digest();
}

/** PROTOCOL.md 3.5. */
export function setDigestOf(claims: readonly RowClaim[]): Buffer {
  const lines = claims.map(
    ({ placement, version, variantDigest }) =>
      `${placement} ${version?.epoch} ${version?.seq} ${variantDigest.toString('hex')}\n`,
  );
  return sha256(lines.sort().join(''));
}

/** Where a row stands, and what makes it differ. */
export interface RowAt {
  readonly placement: string;
  readonly seq: bigint;
  readonly epoch?: bigint;
  readonly tree?: string;
  /** Another decision at the same sequence. */
  readonly decision?: string;
}

/** A whole, signed assignment; `change` is applied before digest and MAC are made. */
export function assignmentAt(at: RowAt, change: Partial<Assignment> = {}): Assignment {
  const commit: Cause = { cause: { $case: 'commit', value: 'a'.repeat(40) } };
  const row: Assignment = {
    placement: at.placement,
    version: { epoch: at.epoch ?? 1n, seq: at.seq },
    variantDigest: zero,
    eventHash: sha256(`${at.decision ?? 'event'} ${at.seq}`),
    mac: zero,
    cause: commit,
    content: {
      repositoryUrl: 'https://git.example.org/shop.git',
      credential: '',
      commit: 'b'.repeat(40),
      ref: 'main',
      trees: [
        {
          path: 'apps/shop',
          treeId: sha256(at.tree ?? 'tree')
            .toString('hex')
            .slice(0, 40),
        },
      ],
      author: 'Ada',
      subject: 'Change the shop',
      committedAtS: 1_790_000_000n,
      requiredSigners: [],
      caBundlePem: '',
    },
    render: { renderer: 0, helm: undefined, namespace: 'shop', patches: [], variables: {} },
    apply: {
      mode: 0,
      takeOver: 0,
      drift: 0,
      ignore: [],
      createNamespace: false,
      priority: 0,
      takeOverFrom: '',
      confirmMs: 0n,
      placementAgeSeq: 0n,
    },
    health: { deadlineMs: 600_000n, soakMs: 0n, checks: [], stageChecks: [] },
    prune: { enabled: true, maxObjects: 20, maxPercent: 30, permittedListHash: Buffer.alloc(0) },
    mode: 1,
    suspension: undefined,
    rolloutId: `${at.placement}-1`,
    credential: undefined,
    ...change,
  };
  const variantDigest = change.variantDigest ?? variantDigestOf(row);
  return { ...row, variantDigest, mac: change.mac ?? macOf(row, variantDigest) };
}

/** A signed removal. */
export function removalAt(at: RowAt, change: Partial<Removal> = {}): Removal {
  const row: Removal = {
    placement: at.placement,
    version: { epoch: at.epoch ?? 1n, seq: at.seq },
    eventHash: sha256(`${at.decision ?? 'event'} ${at.seq}`),
    mac: zero,
    cause: { cause: { $case: 'decision', value: 'd'.repeat(26) } },
    mode: 1,
    permittedListHash: Buffer.alloc(0),
    ...change,
  };
  return { ...row, mac: change.mac ?? macOf(row, zero) };
}

/** What an agent that holds a row shows of it. */
export function claimOn(row: Assignment | Removal): RowClaim {
  const { placement, version, eventHash, mac } = row;
  const removed = !('variantDigest' in row);
  return { placement, version, eventHash, mac, removed, variantDigest: removed ? zero : row.variantDigest };
}
