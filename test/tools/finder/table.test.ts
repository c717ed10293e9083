import { describe, expect, it } from 'vitest';
import { variableOf } from './find-tool.ts';
import { toolNames, tools } from './table.ts';
import type { Platform } from './tool.ts';
import { isAccepted } from './version.ts';

const platforms: readonly Platform[] = [
  { os: 'linux', arch: 'amd64' },
  { os: 'linux', arch: 'arm64' },
  { os: 'darwin', arch: 'amd64' },
  { os: 'darwin', arch: 'arm64' },
];

describe.each(tools.map((tool) => [tool.name, tool] as const))('%s', (_name, tool) => {
  it('accepts the very version that it installs', () => {
    expect(isAccepted(tool.version, tool.accepted)).toBe(true);
  });

  it.each(platforms)('has a checksum beside each release file on $os $arch', (platform) => {
    const release = tool.release(platform);
    if (release === undefined) return;
    const { url, checksumUrl } = release;
    expect(new URL(url).protocol).toBe('https:');
    expect(new URL(checksumUrl).host).toBe(new URL(url).host);
    expect(url).toContain(tool.version);
    expect(release.member === undefined).toBe(release.archive === 'plain');
  });

  it('pins only well-formed sums', () => {
    for (const sum of Object.values(tool.pinnedSha256)) expect(sum).toMatch(/^[0-9a-f]{64}$/);
  });
});

it('names each tool once', () => {
  expect(new Set(toolNames).size).toBe(tools.length);
});

it('gives each tool its environment variable', () => {
  expect(variableOf('kube-controller-manager')).toBe('FLOTILLA_KUBE_CONTROLLER_MANAGER');
});
