import { describe, expect, it } from 'vitest';
import { encodePacket, flushPacket, type Packet, packetDecoder } from './pkt-line.ts';
import { readUploadAnswer } from './upload-answer.ts';

const url = 'https://git.example.org/shop.git';
const id = 'a'.repeat(40);

async function* packets(...lines: readonly (string | Buffer)[]): AsyncGenerator<Packet> {
  const decoder = packetDecoder();
  for (const line of lines) yield* decoder.push(typeof line === 'string' ? encodePacket(line) : line);
}

function band(number: number, text: string): Buffer {
  return encodePacket(Buffer.concat([Buffer.of(number), Buffer.from(text)]));
}

async function packOf(...lines: readonly (string | Buffer)[]): Promise<string> {
  const answer = await readUploadAnswer(packets(...lines), url);
  const parts: Buffer[] = [];
  for await (const chunk of answer.pack) parts.push(chunk);
  return Buffer.concat(parts).toString();
}

describe('readUploadAnswer', () => {
  it('gives the shallow commits and the pack without progress', async () => {
    const answer = await readUploadAnswer(
      packets('shallow-info', `shallow ${id}`, Buffer.from('0001'), 'packfile', band(1, 'PACK'), flushPacket),
      url,
    );

    expect(answer.shallows).toEqual([id]);
    expect(await packOf('packfile', band(2, 'Counting'), band(1, 'PA'), band(1, 'CK'), flushPacket)).toBe(
      'PACK',
    );
  });

  it.each([
    [`ERR upload-pack: not our ref ${id}`, 'GIT_REFUSED'],
    [`ERR want ${id} not valid`, 'GIT_REFUSED'],
    [`ERR Server does not allow request for unadvertised object ${id}`, 'GIT_REFUSED'],
    ['ERR out of memory', 'GIT_REMOTE_ERROR'],
  ])('raises %j as %s', async (line, code) => {
    await expect(packOf(line)).rejects.toMatchObject({ code });
  });

  it("raises the server's last words within the pack", async () => {
    await expect(packOf('packfile', band(1, 'PA'), band(3, 'pack-objects died'))).rejects.toMatchObject({
      code: 'GIT_REMOTE_ERROR',
      message: `the server of ${url} says: pack-objects died`,
    });
  });

  it('calls a pack without its flush truncated', async () => {
    await expect(packOf('packfile', band(1, 'PA'))).rejects.toMatchObject({ code: 'GIT_TRUNCATED_PACK' });
  });

  it('calls an answer without a pack truncated', async () => {
    await expect(packOf('shallow-info', flushPacket)).rejects.toMatchObject({ code: 'GIT_TRUNCATED_PACK' });
  });

  it('refuses a pack that is not in bands', async () => {
    await expect(packOf('packfile', 'PACK raw')).rejects.toMatchObject({ code: 'GIT_PROTOCOL_ERROR' });
  });
});
