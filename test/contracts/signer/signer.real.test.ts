import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openIdentity } from '@flotilla/hub/identity';
import { systemClock } from '@flotilla/shared/kit';
import { describe } from 'vitest';
import { signerContract } from './suite.ts';

describe("the signer over the keys in a hub's folder", () => {
  signerContract(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'flotilla-signer-contract-'));
    const open = async (name: string) => {
      const dataDir = join(folder, name);
      const settings = { dataDir, trustDomain: 'flotilla', serverNames: [], clock: systemClock() };
      return (await openIdentity(settings)).signer;
    };
    return {
      open: () => open('own'),
      openOther: () => open('other'),
      [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
    };
  });
});
