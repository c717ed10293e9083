import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeHostKey, knownHostsLine, parseKnownHosts } from './known-hosts.ts';

/** GitHub's published host keys for ed25519, and one of another server. */
const key = keyOf('AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl');
const other = keyOf('AAAAC3NzaC1lZDI1NTE5AAAAIAfuCHKVTjquxvt6CM6tdG4SLp1Btn/nOeHHE5UOzRdf');
const line = `ssh-ed25519 ${key.toString('base64')}`;

function keyOf(encoded: string): Buffer {
  return Buffer.from(encoded, 'base64');
}

function kind(text: string, host: string, port = 22, shown = key): string {
  return parseKnownHosts(text).judge(host, port, shown).kind;
}

describe('a host', () => {
  it.each([
    ['git.example.org', 'git.example.org', 22],
    ['GIT.example.org', 'git.example.org', 22],
    ['a.example.org,git.example.org,10.0.0.1', 'git.example.org', 22],
    ['*.example.org', 'git.example.org', 22],
    ['g?t.example.*', 'git.example.org', 22],
    ['[git.example.org]:2222', 'git.example.org', 2_222],
    ['[fd00::7]:2222', 'fd00::7', 2_222],
    ['fd00::7', 'fd00::7', 22],
    ['*', 'git.example.org', 2_222],
  ])('is pinned by %s: %s port %d', (hosts, host, port) => {
    expect(kind(`${hosts} ${line} a comment\n`, host, port)).toBe('pinned');
    expect(kind(`${hosts} ${line}`, host, port, other)).toBe('changed');
  });

  it.each([
    ['nothing', '', 'git.example.org'],
    ['another name', `example.org ${line}`, 'git.example.org'],
    ['a name that ends so', `example.org ${line}`, 'badexample.org'],
    ['another port', `git.example.org ${line}`, '[git.example.org]:2222'],
    ['a negated name', `*.example.org,!git.example.org ${line}`, 'git.example.org'],
    ['a comment', `# git.example.org ${line}`, 'git.example.org'],
    ['a CA', `@cert-authority git.example.org ${line}`, 'git.example.org'],
    ['half a line', 'git.example.org ssh-ed25519', 'git.example.org'],
    ['a type that is not of the key', `git.example.org ssh-rsa ${key.toString('base64')}`, 'git.example.org'],
  ])('is not pinned by %s', (_what, text, host) => {
    expect(kind(text, host)).toBe('unknown');
  });

  it('is never pinned by a key that a line calls revoked', () => {
    expect(kind(`git.example.org ${line}\n@revoked * ${line}`, 'git.example.org')).toBe('revoked');
    expect(kind(`@revoked * ${line}`, 'git.example.org', 22, other)).toBe('unknown');
  });

  it('is asked first for the types that are pinned for it', () => {
    const known = parseKnownHosts(`git.example.org ${line}\nother.example.org ssh-rsa AAAAB3NzaC1yc2E=\n`);

    expect(known.typesFor('git.example.org', 22)).toEqual(['ssh-ed25519']);
    expect(known.typesFor('other.example.org', 22)).toEqual(['ssh-rsa']);
    expect(known.typesFor('git.example.org', 2_222)).toEqual([]);
  });

  it('may be hashed, as ssh-keygen -H does it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'flotilla-known-hosts-'));
    const file = join(folder, 'known_hosts');
    await writeFile(file, `git.example.org ${line}\n[git.example.org]:2222 ${line}\n`);
    await promisify(execFile)('ssh-keygen', ['-H', '-f', file]);
    const text = await readFile(file, 'utf8');
    await rm(folder, { recursive: true });

    expect(text).not.toContain('git.example.org');
    expect(kind(text, 'git.example.org')).toBe('pinned');
    expect(kind(text, 'git.example.org', 2_222)).toBe('pinned');
    expect(kind(text, 'git.example.com')).toBe('unknown');
  });

  it('is judged whatever stands in the text', () => {
    fc.assert(
      fc.property(fc.string(), fc.domain(), fc.uint8Array(), (text, host, shown) => {
        const verdict = parseKnownHosts(`${text}\n${host} ${line}`).judge(host, 22, Buffer.from(shown));
        expect(verdict.kind).not.toBe('pinned');
      }),
    );
  });
});

it('a key is described as OpenSSH does, and its line pins it', () => {
  expect(describeHostKey(key)).toBe('ssh-ed25519 SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU');
  expect(kind(knownHostsLine('git.example.org', 2_222, key), 'git.example.org', 2_222)).toBe('pinned');
});
