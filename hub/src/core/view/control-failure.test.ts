import type { GitId } from '@flotilla/shared/base';
import { describe, expect, it } from 'vitest';
import { controlFailure, type FailedLook } from './control-failure.ts';

const look: FailedLook = {
  url: 'https://git.example.org/fleet.git',
  ref: 'main',
  // Forty hexadecimal digits.
  inForce: '1c76476f0e4b'.padEnd(40, '0') as GitId,
  code: 'GIT_UNAUTHORIZED',
  text: 'the server of https://git.example.org/fleet.git asks for a credential (401)',
  advice: 'check the credential',
};

describe('controlFailure', () => {
  it('says where, why, what to do and what stays, once each', () => {
    expect(controlFailure(look)).toEqual({
      code: 'GIT_UNAUTHORIZED',
      text: 'control repository: main cannot be read: the server of https://git.example.org/fleet.git asks for a credential (401); check the credential; commit 1c76476f0e4b stays in force',
      subject: 'https://git.example.org/fleet.git',
    });
  });

  it('names the repository when the cause does not', () => {
    const { text } = controlFailure({ ...look, text: 'the disk is full', advice: undefined });
    expect(text).toBe(
      'control repository: main of https://git.example.org/fleet.git cannot be read: the disk is full; commit 1c76476f0e4b stays in force',
    );
  });

  it('does not claim a last good state where there is none', () => {
    expect(controlFailure({ ...look, inForce: undefined }).text).toMatch(/; nothing is in force yet$/);
  });
});
