import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSigner, parseSigners } from './signer.ts';

const base64 = 'AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl';
const fingerprint = 'SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU';
const block = '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDMEZ\n=abcd\n-----END PGP PUBLIC KEY BLOCK-----';

describe('a signer', () => {
  it('is a public key, with or without a comment, a fingerprint, or a key block', () => {
    const key = { ok: true, value: { kind: 'ssh-key', type: 'ssh-ed25519', base64 } };
    expect(parseSigner(`ssh-ed25519 ${base64}`)).toEqual(key);
    expect(parseSigner(` ssh-ed25519 ${base64} ada@example.org\n`)).toEqual(key);
    expect(parseSigner(fingerprint)).toEqual({ ok: true, value: { kind: 'ssh-fingerprint', fingerprint } });
    expect(parseSigner(`${block}\n`)).toEqual({ ok: true, value: { kind: 'openpgp', armoredKey: block } });
  });

  it.each([
    ['ada@example.org', 'is no signer'],
    ['', 'is no signer'],
    ['ssh-dss AAAAB3NzaC1kc3M=', 'is no signer'],
    [`ssh-ed25519 ${base64}\nssh-ed25519 ${base64}`, 'is no signer'],
    ['ssh-ed25519', 'is no signer'],
    [`MD5:00:11`, 'is no signer'],
    [block.replace('END', 'BEGIN'), 'is not one whole OpenPGP public key block'],
    ['-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2', 'is a private key'],
    [`ssh-ed25519 ${'A'.repeat(10_000)}`, 'is longer than'],
  ])('%s is none', (text, why) => {
    const read = parseSigner(text);

    expect(read).toMatchObject({ ok: false, error: expect.stringContaining(why) });
    expect(JSON.stringify(read)).not.toContain('hunter2');
  });
});

describe('a file of signers', () => {
  it('holds one after the other, with comments', () => {
    const text = `# who may sign\nssh-ed25519 ${base64} ada\n\n${block}\n${fingerprint}\n`;

    expect(parseSigners(text)).toEqual({
      ok: true,
      value: [`ssh-ed25519 ${base64} ada`, block, fingerprint],
    });
  });

  it.each([
    ['# nobody\n', 'names no signer'],
    [`ssh-ed25519 ${base64}\nada\n`, 'line 2 is no signer'],
    [`\n-----BEGIN PGP PUBLIC KEY BLOCK-----\nabc\n`, 'line 2 is not one whole'],
  ])('that is wrong is refused with its line: %j', (text, why) => {
    expect(parseSigners(text)).toMatchObject({ ok: false, error: expect.stringContaining(why) });
  });

  it('is read or refused, never thrown over', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom(block, fingerprint, '-----BEGIN PGP'))),
        (parts) => {
          const read = parseSigners(parts.join('\n'));
          if (read.ok) for (const signer of read.value) expect(parseSigner(signer).ok).toBe(true);
        },
      ),
    );
  });
});
