import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type RecordingServer,
  redirecting,
  startRecordingServer,
} from '../../../../test/real/recording-server.ts';
import { makeCertificate } from './certificate-fixture.ts';
import { openWorld, outcome } from './outcome-fixture.ts';

const secret = { name: 'shop', kind: 'token', token: 's3cret' } as const;
const shown = `Basic ${Buffer.from('x-access-token:s3cret').toString('base64')}`;

describe('a credential', () => {
  it('opens the repository on the server that it is for, and is refused before any other is dialled', async () => {
    await using world = await openWorld({ credentials: { shop: 'token:s3cret' } });
    await using other = await startRecordingServer();
    const credential = { ...secret, url: world.server.url };

    expect(await outcome(world.remote({ credential }))).toBe('refs/heads/main');
    expect(() => world.remote({ credential, url: `${other.url}/shop.git` })).toThrow(
      expect.objectContaining({
        code: 'GIT_CREDENTIAL_ELSEWHERE',
        message: `credential shop is for ${world.server.url} and is not sent to ${other.url}/shop.git`,
      }),
    );

    expect(other.connections()).toBe(0);
  });

  it('is not sent to another path than it names', async () => {
    await using world = await openWorld({ credentials: { shop: 'token:s3cret' } });
    const here = { ...secret, url: `${world.server.url}/shop` };
    const elsewhere = { ...secret, url: `${world.server.url}/team` };

    expect(await outcome(world.remote({ credential: here }))).toBe('refs/heads/main');
    expect(() => world.remote({ credential: elsewhere })).toThrow(/is not sent to .*shop\.git$/);
    expect(world.server.stats('shop').unauthorized).toBe(0);
  });

  it('does not follow a redirect to another port, and no request at all does', async () => {
    await using other = await startRecordingServer();
    await using named = await startRecordingServer(redirecting((asked) => `${other.url}${asked}`));
    await using world = await openWorld();
    const credential = { ...secret, url: named.url };

    const text = await outcome(world.remote({ credential, url: `${named.url}/shop.git` }));

    expect(text).toMatch(/^GIT_REDIRECT_REFUSED/);
    expect(named.requests).toEqual([`GET /shop.git/info/refs?service=git-upload-pack ${shown}`]);
    expect(other.connections()).toBe(0);
  });

  it('does not follow a redirect out of the path that it names', async () => {
    await using named: RecordingServer = await startRecordingServer((request, response) => {
      const isMoved = request.url?.startsWith('/team/new.git/') === true;
      const to = request.url?.startsWith('/team/shop.git/') === true ? '/team/new.git' : '/other.git';
      const Location = `${named.url}${to}/info/refs?service=git-upload-pack`;
      if (isMoved) response.writeHead(404).end();
      else response.writeHead(302, { Location }).end();
    });
    await using world = await openWorld();
    const credential = { ...secret, url: `${named.url}/team` };

    expect(await outcome(world.remote({ credential, url: `${named.url}/team/shop.git` }))).toMatch(
      /\(404\)$/,
    );
    expect(await outcome(world.remote({ credential, url: `${named.url}/team/gone.git` }))).toBe(
      `GIT_REDIRECT_REFUSED: ${named.url}/team/gone.git redirects, and credential shop is for ${named.url}/team and is not sent to ${named.url}/other.git`,
    );

    expect(named.requests.map((one) => one.split(' ')[1]?.split('/info')[0])).toEqual([
      '/team/shop.git',
      '/team/new.git',
      '/team/gone.git',
    ]);
  });

  it('does not follow a redirect from https down to http', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'flotilla-ca-'));
    const tls = await makeCertificate(folder);
    await using plain = await startRecordingServer();
    await using named = await startRecordingServer(
      redirecting((asked) => `http://127.0.0.1:${plain.port}${asked}`),
      tls,
    );
    await using world = await openWorld();
    const remote = world.remote({
      url: `${named.url}/shop.git`,
      credential: { ...secret, url: named.url },
      caPem: tls.ca,
    });

    expect(await outcome(remote)).toMatch(/^GIT_REDIRECT_REFUSED: .* to http:\/\/127/);

    expect(named.requests).toEqual([`GET /shop.git/info/refs?service=git-upload-pack ${shown}`]);
    expect(plain.connections()).toBe(0);
    await rm(folder, { recursive: true });
  });
});

describe('a path that begins with two slashes', () => {
  it('in the url names a folder of the same server, never another server', async () => {
    await using other = await startRecordingServer();
    await using named = await startRecordingServer();
    await using world = await openWorld();
    const url = `${named.url}//127.0.0.1:${other.port}/shop.git`;

    await outcome(world.remote({ url, credential: { ...secret, url: named.url } }));

    expect(other.connections()).toBe(0);
    expect(named.requests).toEqual([
      `GET //127.0.0.1:${other.port}/shop.git/info/refs?service=git-upload-pack ${shown}`,
    ]);
  });

  it('in a redirect names a folder of the same server, never another server', async () => {
    await using other = await startRecordingServer();
    await using named: RecordingServer = await startRecordingServer((request, response) => {
      if (request.url?.startsWith('//') === true) return void response.writeHead(404).end();
      const Location = `${named.url}//127.0.0.1:${other.port}${request.url}`;
      response.writeHead(302, { Location }).end();
    });
    await using world = await openWorld();

    const credential = { ...secret, url: named.url };
    await outcome(world.remote({ url: `${named.url}/shop.git`, credential }));

    expect(other.connections()).toBe(0);
    expect(named.requests).toEqual([
      `GET /shop.git/info/refs?service=git-upload-pack ${shown}`,
      `GET //127.0.0.1:${other.port}/shop.git/info/refs?service=git-upload-pack ${shown}`,
    ]);
  });
});

describe('a denied address', () => {
  it('is not connected to by a name that resolves to it', async () => {
    await using server = await startRecordingServer();
    await using world = await openWorld();
    const remote = world.remote({
      url: `http://localhost:${server.port}/shop.git`,
      allowPlainHttpHosts: ['localhost'],
      deniedRanges: ['10.96.0.0/12', '127.0.0.0/8', '::1/128'],
    });

    expect(await outcome(remote)).toMatch(
      /^GIT_ADDRESS_REFUSED: localhost is not connected to: \S+ lies in the denied range (127\.0\.0\.0\/8|::1\/128)$/,
    );
    expect(server.connections()).toBe(0);
  });

  it('is refused as it stands in a url, in every way to write it', async () => {
    await using world = await openWorld();
    const deniedRanges = ['10.96.0.0/12'];
    for (const host of ['10.96.0.1', '0x0a600001', '10.6291457', '[::ffff:10.96.0.1]']) {
      expect(() => world.remote({ url: `https://${host}/shop.git`, deniedRanges })).toThrow('10.96.0.0/12');
    }
    for (const host of ['169.254.169.254', '2852039166', '[fd00:ec2::254]', '100.100.100.200']) {
      expect(() => world.remote({ url: `https://${host}/shop.git`, allowPlainHttpHosts: [host] })).toThrow(
        /is a (link-local|metadata) address/,
      );
    }
  });

  it('is not reached through a redirect', async () => {
    await using server = await startRecordingServer(
      redirecting((asked) => `http://169.254.169.254/latest/meta-data${asked}`),
    );
    await using world = await openWorld();

    expect(await outcome(world.remote({ url: `${server.url}/shop.git` }))).toMatch(
      /^GIT_REDIRECT_REFUSED: .* redirects from \S+ to http:\/\/169\.254\.169\.254/,
    );
    expect(server.requests).toHaveLength(1);
  });
});
