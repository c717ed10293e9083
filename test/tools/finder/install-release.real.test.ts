import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findToolOf } from './find-tool.ts';
import { goodProgram, Machine, program, sha256, toolFrom } from './machine-fixture.ts';
import { serve, startReleaseServer } from './release-server.ts';
import type { Tool } from './tool.ts';
import { writeZip } from './zip.ts';

let machine: Machine;

beforeEach(async () => {
  machine = await Machine.make();
});

afterEach(async () => {
  await machine[Symbol.asyncDispose]();
});

describe('the official release', () => {
  it('is checked, unpacked and kept in the cache', async () => {
    const archive = await machine.archiveOf(goodProgram);
    await using server = await startReleaseServer({
      '/nats-server.tar.gz': serve(archive),
      '/SHA256SUMS': serve(`${sha256('other')}  other.tar.gz\n${sha256(archive)}  nats-server.tar.gz\n`),
    });
    const found = await findToolOf(toolFrom(server), machine.options());
    expect(found).toMatchObject({ version: '2.15.2', origin: 'download' });
    expect(await readFile(found.path, 'utf8')).toBe(goodProgram);
    expect(await machine.kept()).toEqual(['2.15.2']);
    await findToolOf(toolFrom(server), machine.options());
    expect(server.asked).toEqual(['/SHA256SUMS', '/nats-server.tar.gz']);
  });

  it('may be the bare program beside a file with its bare sum', async () => {
    await using server = await startReleaseServer({
      '/nats-server': serve(goodProgram),
      '/nats-server.sha256': serve(sha256(goodProgram)),
    });
    const url = `${server.url}/nats-server`;
    const tool = toolFrom(server, { url, archive: 'plain', checksumUrl: `${url}.sha256` });
    expect(await findToolOf(tool, machine.options())).toMatchObject({ origin: 'download' });
  });

  it('may be a zip archive', async () => {
    const bytes = writeZip('nats-server-dir/nats-server', Buffer.from(goodProgram));
    await using server = await startReleaseServer({
      '/nats-server.zip': serve(bytes),
      '/SHA256SUMS': serve(`${sha256(bytes)}  nats-server.zip`),
    });
    const tool = toolFrom(server, { url: `${server.url}/nats-server.zip`, archive: 'zip' });
    expect(await findToolOf(tool, machine.options())).toMatchObject({ origin: 'download' });
  });

  it('is refused for good when its sum is wrong', async () => {
    const archive = await machine.archiveOf(goodProgram);
    await using server = await startReleaseServer({
      '/nats-server.tar.gz': serve(archive),
      '/SHA256SUMS': serve(`${sha256('something else')}  nats-server.tar.gz\n`),
    });
    await expect(findToolOf(toolFrom(server), machine.options())).rejects.toThrow(
      /nats-server.tar.gz has SHA-256 [0-9a-f]{64}, but .*SHA256SUMS says [0-9a-f]{64}: .* nothing of it was kept/,
    );
    expect(await machine.kept()).toEqual([]);
  });

  it('is refused when a pinned sum says otherwise, even though the release agrees with itself', async () => {
    const archive = await machine.archiveOf(goodProgram);
    await using server = await startReleaseServer({
      '/nats-server.tar.gz': serve(archive),
      '/SHA256SUMS': serve(`${sha256(archive)}  nats-server.tar.gz\n`),
    });
    const tool: Tool = { ...toolFrom(server), pinnedSha256: { 'linux-amd64': sha256('published') } };
    const platform = { os: 'linux', arch: 'amd64' } as const;
    await expect(findToolOf(tool, { ...machine.options(), platform })).rejects.toThrow(
      "the project's pinned sum says",
    );
    expect(await machine.kept()).toEqual([]);
  });

  it('is refused when a web page comes instead of the archive', async () => {
    const archive = await machine.archiveOf(goodProgram);
    await using server = await startReleaseServer({
      '/nats-server.tar.gz': serve('<html>please log in</html>'),
      '/SHA256SUMS': serve(`${sha256(archive)}  nats-server.tar.gz\n`),
    });
    await expect(findToolOf(toolFrom(server), machine.options())).rejects.toThrow('has SHA-256');
    expect(await machine.kept()).toEqual([]);
  });

  it('is refused when its sum fits but it cannot be unpacked', async () => {
    const archive = (await machine.archiveOf(goodProgram)).subarray(0, 60);
    await using server = await startReleaseServer({
      '/nats-server.tar.gz': serve(archive),
      '/SHA256SUMS': serve(`${sha256(archive)}  nats-server.tar.gz\n`),
    });
    await expect(findToolOf(toolFrom(server), machine.options())).rejects.toThrow('cannot be unpacked');
    expect(await machine.kept()).toEqual([]);
  });

  it('is refused when the program in it is another version', async () => {
    const archive = await machine.archiveOf(program('2.10.0'));
    await using server = await startReleaseServer({
      '/nats-server.tar.gz': serve(archive),
      '/SHA256SUMS': serve(`${sha256(archive)}  nats-server.tar.gz\n`),
    });
    await expect(findToolOf(toolFrom(server), machine.options())).rejects.toThrow(
      'is 2.10.0 instead of 2.15.2',
    );
    expect(await machine.kept()).toEqual([]);
  });

  it('is an error with the byte count when the line breaks in the middle', async () => {
    const archive = await machine.archiveOf(goodProgram);
    await using server = await startReleaseServer({
      '/nats-server.tar.gz': (_request, response) => {
        response.writeHead(200, { 'content-length': archive.length });
        response.write(archive.subarray(0, 50), () => response.destroy());
      },
      '/SHA256SUMS': serve(`${sha256(archive)}  nats-server.tar.gz\n`),
    });
    await expect(findToolOf(toolFrom(server), machine.options())).rejects.toThrow(
      new RegExp(`broke off after \\d+ of ${archive.length} bytes .*: run it again`),
    );
    expect(await machine.kept()).toEqual([]);
  });

  it('is an error when nothing more comes', async () => {
    const archive = await machine.archiveOf(goodProgram);
    await using server = await startReleaseServer({
      '/nats-server.tar.gz': (_request, response) => {
        response.writeHead(200, { 'content-length': archive.length });
        response.write(archive.subarray(0, 50));
      },
      '/SHA256SUMS': serve(`${sha256(archive)}  nats-server.tar.gz\n`),
    });
    const limits = { answerMs: 2_000, stallMs: 50, bytesMax: 1_000_000 };
    await expect(findToolOf(toolFrom(server), { ...machine.options(), limits })).rejects.toThrow(
      'nothing came for 50 ms',
    );
  });

  it.each([
    ['its checksum file is missing', {}, 'SHA256SUMS answered 404'],
    [
      'its checksum file is a web page',
      { '/SHA256SUMS': serve('<html>') },
      'has no SHA-256 for nats-server.tar.gz',
    ],
    [
      'the archive is missing',
      { '/SHA256SUMS': serve(`${sha256('x')}  nats-server.tar.gz`) },
      'nats-server.tar.gz answered 404',
    ],
  ])('is not used when %s, and the next way is tried', async (_what, handlers, reason) => {
    await using server = await startReleaseServer(handlers);
    await expect(findToolOf(toolFrom(server), machine.options())).rejects.toThrow(
      'nats-server 2.15.2 cannot be had',
    );
    expect(machine.said.at(-1)).toContain(reason);
    expect(await machine.kept()).toEqual([]);
  });

  it('is passed over in one line when the host does not answer in time', async () => {
    await using server = await startReleaseServer({ '/SHA256SUMS': () => undefined });
    const limits = { answerMs: 50, stallMs: 2_000, bytesMax: 1_000_000 };
    await expect(findToolOf(toolFrom(server), { ...machine.options(), limits })).rejects.toThrow(
      'cannot be had',
    );
    expect(machine.said[0]).toMatch(/not downloaded: 127.0.0.1:\d+ cannot be reached \(.*no answer in 50 ms/);
  });
});
