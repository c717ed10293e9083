import type { CommitSignature } from '../../model/index.ts';
import type { Commit } from '../git-object.ts';

/** First lines of the armours that Git writes (gitformat-signature, and gpg.format of git-config). */
const armours: readonly (readonly [string, CommitSignature])[] = [
  ['-----BEGIN SSH SIGNATURE-----', 'ssh'],
  ['-----BEGIN PGP SIGNATURE-----', 'openpgp'],
  ['-----BEGIN PGP MESSAGE-----', 'openpgp'],
  ['-----BEGIN SIGNED MESSAGE-----', 'x509'],
];

/** What kind of signature a commit carries, if any; nothing is verified. */
export function signatureKind({ signature }: Pick<Commit, 'signature'>): CommitSignature {
  if (signature === undefined) return 'unsigned';
  return armours.find(([armour]) => signature.trimStart().startsWith(armour))?.[1] ?? 'other';
}
