import { err, limits, ok, type Result } from '../base/index.ts';

/** Who may sign commits: a public key, or for SSH the fingerprint of one, for an SSH signature carries its key. */
export type Signer =
  | { readonly kind: 'ssh-key'; readonly type: string; readonly base64: string }
  /** `SHA256:…`, as `ssh-keygen -l` shows it. */
  | { readonly kind: 'ssh-fingerprint'; readonly fingerprint: string }
  /** An armoured public key, as `gpg --armor --export` prints it. */
  | { readonly kind: 'openpgp'; readonly armoredKey: string };

/** Key types that sign commits and are verified here; none that rests on SHA-1 or DSA. */
const sshKeyTypes = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-rsa',
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
] as const;

const armorBegin = '-----BEGIN PGP PUBLIC KEY BLOCK-----';
const armorEnd = '-----END PGP PUBLIC KEY BLOCK-----';

/** Reads one signer. The error is a clause that follows its place, and never repeats the text: it may be a private key. */
export function parseSigner(text: string): Result<Signer, string> {
  const trimmed = text.trim();
  if (trimmed.length > limits.signerTextMax) return err(`is longer than ${limits.signerTextMax} characters`);
  if (trimmed.includes('PRIVATE KEY'))
    return err('is a private key: put its public half here, and take a new key');
  if (trimmed.startsWith('-----BEGIN PGP')) return openpgpSigner(trimmed);
  if (/^SHA256:[A-Za-z0-9+/]{43}$/.test(trimmed))
    return ok({ kind: 'ssh-fingerprint', fingerprint: trimmed });
  const [type = '', base64 = ''] = trimmed.split(/[ \t]+/);
  const isKnown = sshKeyTypes.some((known) => known === type);
  // Every key begins with the length of its type's name, four bytes of which the first two are zero.
  if (isKnown && /^AAAA[A-Za-z0-9+/]+={0,2}$/.test(base64) && !trimmed.includes('\n')) {
    return ok({ kind: 'ssh-key', type, base64 });
  }
  return err(
    'is no signer: give a public key as in an OpenSSH .pub file, its fingerprint SHA256:…, or an OpenPGP public key block',
  );
}

/** Several signers, one after the other as in a file: keys and fingerprints a line each, key blocks, `#` comments. */
export function parseSigners(text: string): Result<readonly string[], string> {
  const signers: string[] = [];
  const lines = text.split(/\r?\n/);
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index]?.trim() ?? '';
    if (line === '' || line.startsWith('#')) continue;
    const end =
      line === armorBegin ? lines.findIndex((one, at) => at > index && one.trim() === armorEnd) : index;
    const last = end < 0 ? index : end;
    const written = lines.slice(index, last + 1).join('\n');
    const read = parseSigner(written);
    if (!read.ok) return err(`line ${index + 1} ${read.error}`);
    signers.push(written.trim());
    index = last;
  }
  return signers.length === 0 ? err('names no signer') : ok(signers);
}

function openpgpSigner(text: string): Result<Signer, string> {
  if (!text.startsWith(armorBegin) || !text.endsWith(armorEnd)) {
    return err('is not one whole OpenPGP public key block, as gpg --armor --export prints it');
  }
  return ok({ kind: 'openpgp', armoredKey: text });
}
