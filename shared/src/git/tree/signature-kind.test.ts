import { expect, it } from 'vitest';
import { signatureKind } from './signature-kind.ts';

it.each([
  [undefined, 'unsigned'],
  ['-----BEGIN SSH SIGNATURE-----\nU1NI\n-----END SSH SIGNATURE-----', 'ssh'],
  ['-----BEGIN PGP SIGNATURE-----\n\niQ\n-----END PGP SIGNATURE-----', 'openpgp'],
  ['-----BEGIN SIGNED MESSAGE-----\nMII\n-----END SIGNED MESSAGE-----', 'x509'],
  ['looks -----BEGIN SSH SIGNATURE-----', 'other'],
  ['', 'other'],
])('the signature %j is %s', (signature, kind) => {
  expect(signatureKind(signature === undefined ? {} : { signature })).toBe(kind);
});
