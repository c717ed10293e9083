import { describe, expect, it } from 'vitest';
import { readZipMember, writeZip } from './zip.ts';

const text = Buffer.from('#!/bin/sh\n'.repeat(1_000));
const zip = writeZip('folder/program', text);

describe('readZipMember', () => {
  it('gives the bytes of the member', () => {
    expect(readZipMember(zip, 'folder/program').equals(text)).toBe(true);
  });

  it('says so when the member is not there', () => {
    expect(() => readZipMember(zip, 'program')).toThrow('it has no member program');
  });

  it('refuses every archive that lacks its end', () => {
    for (let length = 0; length < zip.length; length += 1) {
      expect(() => readZipMember(zip.subarray(0, length), 'folder/program')).toThrow();
    }
  });

  it('refuses a member whose bytes were changed', () => {
    const changed = Buffer.from(zip);
    changed[50] = (changed[50] ?? 0) ^ 0xff;
    expect(() => readZipMember(changed, 'folder/program')).toThrow();
  });
});
