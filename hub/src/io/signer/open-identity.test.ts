import { createHmac, X509Certificate } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publicKeyPin } from '@flotilla/shared/kit';
import { manualClock } from '@flotilla/shared/kit/manual-clock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identityFileNames } from './identity-files.ts';
import { openIdentity } from './open-identity.ts';

let dataDir: string;
const clock = manualClock();

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'flotilla-identity-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

const open = (trustDomain = 'flotilla', at = clock) =>
  openIdentity({ dataDir, trustDomain, serverNames: ['hub.example'], clock: at });
const file = (name: string) => join(dataDir, 'identity', name);

describe('the first start', () => {
  it('makes a whole folder that only its owner can read', async () => {
    const identity = await open();

    expect(identity.isNew).toBe(true);
    expect((await readdir(dataDir)).sort()).toEqual(['identity']);
    expect((await readdir(file('.'))).sort()).toEqual([...identityFileNames].sort());
    expect((await stat(file('.'))).mode & 0o777).toBe(0o700);
    for (const name of identityFileNames) expect((await stat(file(name))).mode & 0o777).toBe(0o600);
  });

  it('is done again from the beginning when it was interrupted', async () => {
    await mkdir(join(dataDir, 'identity.new'), { recursive: true });
    await writeFile(join(dataDir, 'identity.new', 'hub-ca.key.pem'), 'half a ke');

    await open();

    expect(await readdir(dataDir)).toEqual(['identity']);
  });
});

describe('a process of a fleet that is there', () => {
  it('reads the keys where they are mounted, and writes nothing there', async () => {
    const first = await open();
    const [elsewhere, before] = [join(dataDir, 'other'), await readdir(file('.'))];
    const second = await openIdentity({
      dataDir: elsewhere,
      identityDir: file('.'),
      trustDomain: 'flotilla',
      serverNames: [],
      clock,
    });
    expect(second.hubId).toBe(first.hubId);
    expect(second.signer.macRow('row')).toBe(first.signer.macRow('row'));
    expect(await readdir(file('.'))).toEqual(before);
    await expect(readdir(elsewhere)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it.each(['mounted', 'its own'])(
    'begins no fleet where the keys are missing from the folder that is %s',
    async (whose) => {
      const settings = { dataDir, trustDomain: 'flotilla', serverNames: [], clock };
      const change = whose === 'mounted' ? { identityDir: join(dataDir, 'mounted') } : { mayBegin: false };
      const opening = openIdentity({ ...settings, ...change });
      await expect(opening).rejects.toMatchObject({ code: 'IDENTITY_MISSING', retry: 'never' });
      expect(await readdir(dataDir)).toEqual([]);
    },
  );
});

describe('a later start', () => {
  it('is the same hub with the same keys', async () => {
    const first = await open();
    const second = await open();

    expect(second.isNew).toBe(false);
    expect(second.hubId).toBe(first.hubId);
    expect(second.signer.pin).toBe(first.signer.pin);
    expect(second.signer.macRow('row')).toBe(first.signer.macRow('row'));
    expect(second.natsAccounts.operatorJwt).toBe(first.natsAccounts.operatorJwt);
    expect(second.natsAccounts.accounts).toEqual(first.natsAccounts.accounts);
  });

  it('does without the key of the root, which may be kept elsewhere', async () => {
    const first = await open();
    await unlink(file('root-ca.key.pem'));
    expect((await open()).signer.pin).toBe(first.signer.pin);
  });

  it.each(identityFileNames.filter((name) => name !== 'root-ca.key.pem'))(
    'refuses a folder without %s instead of making it anew',
    async (name) => {
      await open();
      await unlink(file(name));
      await expect(open()).rejects.toMatchObject({
        code: 'IDENTITY_INCOMPLETE',
        message: expect.stringContaining(`lacks ${name}`),
      });
    },
  );

  it.each(identityFileNames.filter((name) => name !== 'root-ca.key.pem'))(
    'refuses a damaged %s without quoting it',
    async (name) => {
      await open();
      await writeFile(file(name), 'secret-looking rubbish');
      const failure = await open().catch((error: unknown) => error);
      expect(failure).toMatchObject({ name: 'IdentityError', retry: 'never' });
      expect(String(failure)).toContain(name);
      expect(String(failure)).not.toContain('rubbish');
    },
  );

  it('refuses keys that do not belong together', async () => {
    await open();
    const foreign = await mkdtemp(join(tmpdir(), 'flotilla-identity-'));
    await openIdentity({ dataDir: foreign, trustDomain: 'flotilla', serverNames: [], clock });
    const otherKey = await readFile(join(foreign, 'identity', 'hub-ca.key.pem'));
    const otherRoot = await readFile(join(foreign, 'identity', 'root-ca.cert.pem'));
    const ownKey = await readFile(file('hub-ca.key.pem'));
    await rm(foreign, { recursive: true });

    await writeFile(file('hub-ca.key.pem'), otherKey);
    await expect(open()).rejects.toThrow(/hub-ca.key.pem is not the key of hub-ca.cert.pem/);
    await writeFile(file('hub-ca.key.pem'), ownKey);
    await writeFile(file('root-ca.cert.pem'), otherRoot);
    await expect(open()).rejects.toThrow(/was not issued by root-ca.cert.pem/);
  });

  it('refuses another trust domain, because the agents out there carry the old one', async () => {
    await open();
    await expect(open('other.example')).rejects.toMatchObject({ code: 'TRUST_DOMAIN_CHANGED' });
  });

  it('refuses a format that a newer hub wrote', async () => {
    await open();
    const about: unknown = JSON.parse(await readFile(file('identity.json'), 'utf8'));
    await writeFile(file('identity.json'), JSON.stringify({ ...Object(about), format: 2 }));
    await expect(open()).rejects.toMatchObject({ code: 'FORMAT_TOO_NEW' });
  });

  it('says that the clock is wrong when the CA is not valid yet', async () => {
    await open();
    await expect(open('flotilla', manualClock(Date.UTC(2001, 0, 1)))).rejects.toMatchObject({
      code: 'IDENTITY_EXPIRED',
      message: expect.stringContaining('set the clock'),
    });
  });
});

describe('settings', () => {
  it('are refused before anything is written', async () => {
    const base = { dataDir, clock };
    await expect(openIdentity({ ...base, trustDomain: 'A B', serverNames: [] })).rejects.toThrow(
      /trust domain/,
    );
    await expect(openIdentity({ ...base, trustDomain: 'a', serverNames: ['hub/../x'] })).rejects.toThrow(
      /neither a host name nor an IP address/,
    );
    expect(await readdir(dataDir)).toEqual([]);
  });
});

describe('the signer', () => {
  it('makes row MACs with HMAC-SHA-256 under the stored key', async () => {
    const { signer } = await open();
    const key = Buffer.from((await readFile(file('row-mac.key'), 'utf8')).trim(), 'hex');
    expect(signer.macRow('input')).toBe(createHmac('sha256', key).update('input').digest('hex'));
  });

  it('pins the root, which the listeners show as the last of their chain', async () => {
    const { signer, tlsServer } = await open();
    const { certPem, caPem } = tlsServer();
    const shown = certPem.split(/(?=-----BEGIN)/).map((pem) => new X509Certificate(pem));
    expect(shown).toHaveLength(3);
    expect(publicKeyPin(certPem.split(/(?=-----BEGIN)/)[2]!)).toBe(signer.pin);
    expect(publicKeyPin(caPem)).toBe(signer.pin);
    expect(shown[0]!.subjectAltName).toBe(
      'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, DNS:hub.example',
    );
  });
});
