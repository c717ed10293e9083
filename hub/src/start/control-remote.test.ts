import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { controlRemote } from './control-remote.ts';

const fingerprint = 'SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU';
const controlUrl = 'https://git.example.org/fleet.git';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-control-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A file with some text, by its path. */
async function file(text: string): Promise<string> {
  const path = join(folder, 'file');
  await writeFile(path, text);
  return path;
}

const settings = {
  controlUrl,
  controlCredential: 'platform',
  controlCaFile: undefined,
  controlSignersFile: undefined,
};

test('the control repository has the CA and the signers that the files hold', async () => {
  const controlSignersFile = await file(`# the platform team\n${fingerprint}\n`);

  expect(await controlRemote(settings)).toEqual({
    url: controlUrl,
    credential: 'platform',
    caBundlePem: undefined,
    signers: [],
  });
  expect(await controlRemote({ ...settings, controlCaFile: controlSignersFile, controlSignersFile })).toEqual(
    {
      url: controlUrl,
      credential: 'platform',
      caBundlePem: `# the platform team\n${fingerprint}\n`,
      signers: [fingerprint],
    },
  );
});

test.each([
  ['', 'names no signer'],
  [`${fingerprint}\nada\n`, 'line 2 is no signer'],
])('a file of signers that is wrong starts no hub that would take any commit: %j', async (text, why) => {
  const controlSignersFile = await file(text);

  await expect(controlRemote({ ...settings, controlSignersFile })).rejects.toMatchObject({
    code: 'SIGNERS_MALFORMED',
    message: expect.stringContaining(`control-signers-file ${controlSignersFile}: ${why}`),
  });
});

test('a file of signers that is missing starts none either', async () => {
  const controlSignersFile = join(folder, 'missing');

  await expect(controlRemote({ ...settings, controlSignersFile })).rejects.toMatchObject({ code: 'ENOENT' });
});
