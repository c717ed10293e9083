import { describe, expect, it } from 'vitest';
import { offersFilter, parseAdvertisement, parseLsRefsLine } from './advertisement.ts';
import { encodePacket, flushPacket, packetDecoder } from './pkt-line.ts';

const one = '1'.repeat(40);
const two = '2'.repeat(40);

function advertisement(...lines: readonly (string | Buffer)[]) {
  const bytes = Buffer.concat(lines.map((line) => (typeof line === 'string' ? encodePacket(line) : line)));
  return parseAdvertisement(packetDecoder().push(bytes));
}

function codeOf(result: ReturnType<typeof advertisement>): string | undefined {
  return result.ok ? undefined : result.error.code;
}

describe('protocol v2', () => {
  const lines = [
    'version 2',
    'agent=git/2.39',
    'ls-refs=unborn',
    'fetch=shallow filter',
    'object-format=sha256',
  ];

  it('reads commands, object format and agent', () => {
    const parsed = advertisement(...lines, flushPacket);

    expect(parsed.ok && parsed.value).toMatchObject({
      protocol: 'v2',
      objectFormat: 'sha256',
      agent: 'git/2.39',
    });
    expect(parsed.ok && offersFilter(parsed.value)).toBe(true);
  });

  it('takes the service header that some servers put before it', () => {
    const parsed = advertisement('# service=git-upload-pack', flushPacket, ...lines, flushPacket);

    expect(parsed.ok && parsed.value.protocol).toBe('v2');
  });

  it('knows no filter where the server names none', () => {
    const parsed = advertisement('version 2', 'fetch=shallow', flushPacket);

    expect(parsed.ok && offersFilter(parsed.value)).toBe(false);
  });

  it('is truncated without its flush', () => {
    expect(codeOf(advertisement(...lines))).toBe('GIT_TRUNCATED_ANSWER');
  });

  it('refuses an object format that is not known', () => {
    expect(codeOf(advertisement('version 2', 'object-format=md5', flushPacket))).toBe(
      'GIT_PROTOCOL_UNSUPPORTED',
    );
  });
});

describe('protocol v0', () => {
  it('reads refs, what tags point to, and where HEAD points', () => {
    const parsed = advertisement(
      '# service=git-upload-pack',
      flushPacket,
      `${one} HEAD\0thin-pack symref=HEAD:refs/heads/main agent=git/2`,
      `${one} refs/heads/main`,
      `${two} refs/tags/v1`,
      `${one} refs/tags/v1^{}`,
      flushPacket,
    );

    expect(parsed.ok && parsed.value.protocol === 'v0' && parsed.value.refs).toEqual([
      { name: 'HEAD', id: one, symrefTarget: 'refs/heads/main' },
      { name: 'refs/heads/main', id: one },
      { name: 'refs/tags/v1', id: two, peeled: one },
    ]);
  });

  it('calls a repository without refs empty, in both spellings', () => {
    const zero = '0'.repeat(40);

    expect(codeOf(advertisement('# service=git-upload-pack', flushPacket, flushPacket))).toBe(
      'GIT_EMPTY_REPOSITORY',
    );
    expect(codeOf(advertisement(`${zero} capabilities^{}\0shallow`, flushPacket))).toBe(
      'GIT_EMPTY_REPOSITORY',
    );
  });
});

describe('what is no advertisement', () => {
  it('is called empty when nothing is there, also behind the service header', () => {
    expect(codeOf(advertisement())).toBe('GIT_EMPTY_ADVERTISEMENT');
    expect(codeOf(advertisement('# service=git-upload-pack', flushPacket))).toBe('GIT_EMPTY_ADVERTISEMENT');
  });

  it.each(['hello', 'zz refs/heads/main\0', `${one}\0x`, `${one} \0x`])('is refused: %j', (line) => {
    expect(codeOf(advertisement(line, flushPacket))).toBe('GIT_PROTOCOL_ERROR');
  });

  it("passes on the server's words, on one line and shortened", () => {
    const parsed = advertisement(`ERR access\n\u0007denied ${'x'.repeat(500)}`, flushPacket);

    expect(codeOf(parsed)).toBe('GIT_REMOTE_ERROR');
    expect(parsed.ok ? '' : parsed.error.text).toMatch(/^the server says: access denied x+…$/);
  });
});

describe('parseLsRefsLine', () => {
  it('reads attributes in any order and ignores unknown ones', () => {
    const parsed = parseLsRefsLine(`${two} refs/tags/v1 new:1 peeled:${one}`);

    expect(parsed).toEqual({ ok: true, value: { name: 'refs/tags/v1', id: two, peeled: one } });
  });

  it('passes over an unborn HEAD', () => {
    expect(parseLsRefsLine('unborn HEAD symref-target:refs/heads/main')).toEqual({
      ok: true,
      value: undefined,
    });
  });

  it.each(['', one, `${one} `, `short refs/heads/main`, `${one} refs/tags/v1 peeled:xyz`])(
    'refuses %j',
    (line) => {
      expect(parseLsRefsLine(line).ok).toBe(false);
    },
  );
});
