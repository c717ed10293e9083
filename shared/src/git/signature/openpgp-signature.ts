import type { Buffer } from 'node:buffer';
import { describeError, err, ok, type Result } from '../../base/index.ts';
import { remoteText } from '../wire/remote-text.ts';

/**
 * The one wrapper around openpgp, loaded when a source asks for signatures and a commit has one of that kind. A
 * signature counts when its key was good at the time that it names, so that a commit in force does not turn bad by time passing;
 * what was revoked counts never, nor does a weak hash. Who is no signer any more is taken out of the signers.
 */

/** An OpenPGP signature that is good, and whose key made it. */
export interface OpenpgpVerdict {
  /** Fingerprint of the primary key, upper-case hex as gpg shows it. */
  readonly fingerprint: string;
}

/** Whether one of the armoured keys signed the payload; the error is a clause about the signature. */
export async function checkOpenpgpSignature(
  armoredSignature: string,
  payload: Buffer,
  armoredKeys: readonly string[],
): Promise<Result<OpenpgpVerdict, string>> {
  const openpgp = await import('openpgp');
  try {
    const verificationKeys = [];
    for (const armoredKey of armoredKeys) verificationKeys.push(await openpgp.readKey({ armoredKey }));
    const signature = await openpgp.readSignature({ armoredSignature });
    const message = await openpgp.createMessage({ binary: payload });
    const { signatures } = await openpgp.verify({ message, signature, verificationKeys, format: 'binary' });
    let why = 'holds no signature';
    for (const one of signatures) {
      const key = verificationKeys.find((each) => each.getKeys(one.keyID).length > 0);
      const verified = await one.verified.then(
        () => undefined,
        (caught: unknown) => remoteText(describeError(caught)),
      );
      if (verified === undefined && key !== undefined)
        return ok({ fingerprint: key.getFingerprint().toUpperCase() });
      why =
        key === undefined
          ? `is by the OpenPGP key ${one.keyID.toHex().toUpperCase()}, which is none of the signers`
          : `is not good: ${verified}`;
    }
    return err(why);
  } catch (caught) {
    return err(`cannot be checked: ${remoteText(describeError(caught))}`);
  }
}
