import { describe, expect, it } from 'vitest';
import { parseGitId } from '../../base/index.ts';
import { packetDecoder, packetText } from './pkt-line.ts';
import { encodeFetch, encodeLsRefs } from './upload-request.ts';

function lines(body: Buffer): readonly string[] {
  return packetDecoder()
    .push(body)
    .map((packet) => packetText(packet) ?? packet.kind);
}

function id(digit: string) {
  const parsed = parseGitId(digit.repeat(40));
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

describe('encodeFetch', () => {
  it('asks for single objects and ends the negotiation at once', () => {
    expect(lines(encodeFetch({ wants: [id('a'), id('b')] }, 'sha1'))).toEqual([
      'command=fetch',
      'agent=flotilla',
      'object-format=sha1',
      'delimiter',
      'no-progress',
      'ofs-delta',
      `want ${id('a')}`,
      `want ${id('b')}`,
      'done',
      'flush',
    ]);
  });

  it('says what is held, how deep, and what may be left out', () => {
    const request = {
      wants: [id('a')],
      haves: [id('b')],
      shallows: [id('b')],
      depth: 1,
      thin: true,
    } as const;

    const said = lines(encodeFetch({ ...request, filter: 'blob:none' }, 'sha1'));

    expect(said).toEqual(
      expect.arrayContaining([
        'thin-pack',
        `shallow ${id('b')}`,
        'deepen 1',
        'filter blob:none',
        `have ${id('b')}`,
      ]),
    );
  });
});

describe('encodeLsRefs', () => {
  it('asks for what tags and symbolic refs point to', () => {
    expect(lines(encodeLsRefs(['refs/heads/main'], 'sha256')).slice(2)).toEqual([
      'object-format=sha256',
      'delimiter',
      'peel',
      'symrefs',
      'ref-prefix refs/heads/main',
      'flush',
    ]);
  });
});
