import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';

/**
 * Just enough of ZIP (PKWARE APPNOTE 6.3.10, sections 4.3.7, 4.3.12, 4.3.16) to take one program out of a
 * release archive, because a bare machine need not have `unzip`. No ZIP64, no encryption, no comments.
 */
const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const localSignature = 0x04034b50;
const endBytes = 22;
const entryBytes = 46;
const localBytes = 30;
const methods = { stored: 0, deflated: 8 } as const;

/** The bytes of one member; throws with the reason when the archive does not hold it whole. */
export function readZipMember(zip: Buffer, member: string): Buffer {
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || end + endBytes > zip.length) throw new Error('it is no ZIP archive, or not the whole of it');
  const count = zip.readUInt16LE(end + 10);
  let at = zip.readUInt32LE(end + 16);
  for (let entry = 0; entry < count; entry += 1) {
    if (zip.readUInt32LE(at) !== entrySignature) throw new Error('its list of members is broken');
    const nameBytes = zip.readUInt16LE(at + 28);
    const name = zip.toString('utf8', at + entryBytes, at + entryBytes + nameBytes);
    if (name === member) return readEntry(zip, at);
    at += entryBytes + nameBytes + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  throw new Error(`it has no member ${member}`);
}

function readEntry(zip: Buffer, at: number): Buffer {
  const [method, sum, packedBytes] = [
    zip.readUInt16LE(at + 10),
    zip.readUInt32LE(at + 16),
    zip.readUInt32LE(at + 20),
  ];
  const local = zip.readUInt32LE(at + 42);
  if (zip.readUInt32LE(local) !== localSignature) throw new Error('a member is not where the list says');
  const start = local + localBytes + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  const packed = zip.subarray(start, start + packedBytes);
  if (method !== methods.stored && method !== methods.deflated)
    throw new Error(`method ${method} is unknown`);
  const bytes = method === methods.deflated ? inflateRawSync(packed) : Buffer.from(packed);
  if (crc32(bytes) !== sum) throw new Error('a member does not have its own checksum');
  return bytes;
}

/** A ZIP archive of one deflated member: the counterpart for tests. */
export function writeZip(member: string, bytes: Buffer): Buffer {
  const name = Buffer.from(member);
  const packed = deflateRawSync(bytes);
  const described = Buffer.alloc(26);
  described.writeUInt16LE(20, 0);
  described.writeUInt16LE(methods.deflated, 4);
  described.writeUInt32LE(crc32(bytes), 10);
  described.writeUInt32LE(packed.length, 14);
  described.writeUInt32LE(bytes.length, 18);
  described.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([signature(localSignature), described, name, packed]);
  const entryTail = Buffer.alloc(14);
  const entry = Buffer.concat([signature(entrySignature), Buffer.from([20, 0]), described, entryTail, name]);
  const end = Buffer.alloc(endBytes);
  end.writeUInt32LE(endSignature, 0);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(entry.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, entry, end]);
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value, 0);
  return bytes;
}
