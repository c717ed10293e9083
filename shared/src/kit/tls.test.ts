import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { derBlocks, pemOf } from './tls.ts';

test('DER becomes PEM that others read, and comes back', () => {
  const { publicKey } = generateKeyPairSync('ed25519');
  const der = publicKey.export({ type: 'spki', format: 'der' });
  const pem = pemOf('PUBLIC KEY', der);
  expect(pem).toBe(publicKey.export({ type: 'spki', format: 'pem' }));
  expect(derBlocks('PUBLIC KEY', `noise\n${pem}${pem}`).map((block) => Buffer.from(block))).toEqual([
    der,
    der,
  ]);
});

test('a text without the wanted block is an error that names it', () => {
  expect(() => derBlocks('CERTIFICATE', 'hello')).toThrow('no CERTIFICATE block');
});
