import { createHash } from 'node:crypto';
import { err, ok, type Result, shortId } from '../../base/index.ts';
import { parseSigner, type Signer } from '../../model/index.ts';
import { GitError } from '../git-error.ts';
import type { Commit } from '../git-object.ts';
import { signatureKind } from '../tree/signature-kind.ts';
import { checkOpenpgpSignature } from './openpgp-signature.ts';
import { checkSshSignature, parseSshSignature } from './ssh-signature.ts';

/**
 * Checks that one of the signers signed a commit. `signers` are texts as `parseSigner` reads them, at least one. Throws
 * GIT_SIGNATURE, which says what is wrong: no signature, one by somebody else, one that does not cover the commit.
 */
export async function verifyCommit(
  commit: Commit,
  signers: readonly string[],
  shownUrl: string,
): Promise<void> {
  const verdict = await judgeSignature(commit, signers);
  if (verdict.ok) return;
  const text = `commit ${shortId(commit.id)} of ${shownUrl} is not taken: it ${verdict.error}`;
  throw new GitError('GIT_SIGNATURE', text);
}

/** The same as a value: who signed, or a clause about the commit. */
export async function judgeSignature(
  commit: Commit,
  signers: readonly string[],
): Promise<Result<{ readonly signer: string }, string>> {
  const read: Signer[] = [];
  for (const [index, text] of signers.entries()) {
    const signer = parseSigner(text);
    if (!signer.ok) return err(`cannot be checked: signer ${index + 1} ${signer.error}`);
    read.push(signer.value);
  }
  const { signature, signedPayload } = commit;
  const kind = signatureKind(commit);
  if (signature === undefined || signedPayload === undefined) return err('carries no signature');
  switch (kind) {
    case 'ssh':
      return judgeSsh(signature, signedPayload, read);
    case 'openpgp':
      return judgeOpenpgp(signature, signedPayload, read);
    default:
      return err(`carries a signature of a kind that is not checked here (${kind})`);
  }
}

function judgeSsh(
  armored: string,
  payload: Buffer,
  signers: readonly Signer[],
): Result<{ readonly signer: string }, string> {
  const signature = parseSshSignature(armored);
  if (!signature.ok) return err(`carries a signature that ${signature.error}`);
  const { publicKey } = signature.value;
  const fingerprint = `SHA256:${createHash('sha256').update(publicKey).digest('base64').replace(/=+$/, '')}`;
  const isSigner = signers.some((signer) =>
    signer.kind === 'ssh-key'
      ? Buffer.from(signer.base64, 'base64').equals(publicKey)
      : signer.kind === 'ssh-fingerprint' && signer.fingerprint === fingerprint,
  );
  if (!isSigner) return err(`is signed by the SSH key ${fingerprint}, which is none of the signers`);
  const checked = checkSshSignature(signature.value, payload);
  return checked.ok
    ? ok({ signer: fingerprint })
    : err(`carries a signature of ${fingerprint} that ${checked.error}`);
}

async function judgeOpenpgp(
  armored: string,
  payload: Buffer,
  signers: readonly Signer[],
): Promise<Result<{ readonly signer: string }, string>> {
  const keys = signers.flatMap((signer) => (signer.kind === 'openpgp' ? [signer.armoredKey] : []));
  const checked = await checkOpenpgpSignature(armored, payload, keys);
  return checked.ok
    ? ok({ signer: checked.value.fingerprint })
    : err(`carries a signature that ${checked.error}`);
}
