/**
 * Whether one of the people who may did sign a commit. What a signer is stands in the model (`parseSigner`); what a commit
 * carries is read by `tree/parse-commit`.
 * Reading order: verify-commit, ssh-signature (with ssh-strings), openpgp-signature.
 */
export { judgeSignature, verifyCommit } from './verify-commit.ts';
