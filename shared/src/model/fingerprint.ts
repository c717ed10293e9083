import { sha256Hex } from '../base/index.ts';

/**
 * Groups failures by cause: equal reason, kind and normalised message give the same 16 hex characters. Numbers,
 * hashes, addresses, quoted and generated names are the parts of a message that differ between equal causes.
 */
export function fingerprintOf(reason: string, message: string, kind: string): string {
  return sha256Hex(`${kind}\n${reason}\n${normaliseMessage(message)}`).slice(0, 16);
}

function normaliseMessage(message: string): string {
  return message
    .slice(0, 1_024)
    .replace(/"[^"]*"/g, '"…"')
    .replace(/\b[0-9a-f]{8,}\b/g, '#')
    .replace(/\b[a-z0-9-]+-[a-z0-9]{8,10}-[a-z0-9]{5}\b/g, '#')
    .replace(/[0-9]+/g, '0');
}
