import { isIP } from 'node:net';
import { err, ok, type Result } from '../../base/index.ts';
import type { ValueKind } from './setting.ts';

/**
 * A host that others can dial and a certificate can name: a DNS name (RFC 1123) or an IP address without brackets. Not
 * a URL, no port, and no address that only a listener can have.
 */
export const hostKind: ValueKind<string> = { placeholder: 'HOST', parse: parseHost };

/** Longest DNS name in its text form (RFC 1035, 3.1). */
const nameCharactersMax = 253;
const labelPattern = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

/** Reads a host; the error is a clause that says what is wrong and what to write instead. */
export function parseHost(text: string): Result<string, string> {
  const shown = JSON.stringify(text.slice(0, 80));
  if (text === '') return err('is empty');
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.exec(text);
  if (scheme !== null) return err(`has a scheme: ${shown}: write the host without ${scheme[0]}`);
  if (text.includes('/')) return err(`has a path: ${shown}: write the host alone`);
  const bracketed = /^\[([^\]]*)\](:[0-9]+)?$/.exec(text);
  if (bracketed !== null) return err(`is in brackets: ${shown}: write ${bracketed[1]}, without a port`);
  if (isIP(text) !== 0) return parseAddress(text, shown);
  if (/^[^:]*:[0-9]*$/.test(text)) {
    return err(`has a port: ${shown}: write ${text.split(':')[0]}, ports are settings of their own`);
  }
  return isName(text)
    ? ok(text)
    : err(
        `is neither a host name nor an IP address: ${shown}: a name has letters, digits, "-" and ".", such as hub.example.org`,
      );
}

function parseAddress(text: string, shown: string): Result<string, string> {
  if (text.includes('%')) return err(`has a zone: ${shown}: no other machine can dial it`);
  if (text === '0.0.0.0' || /^[0:]+$/.test(text)) {
    return err(
      `is an address to listen on, which nobody can dial: ${shown}: write the one under which others find it`,
    );
  }
  return ok(text);
}

function isName(text: string): boolean {
  const labels = text.split('.');
  // What ends in a number is a mistyped address (RFC 1123, 2.1): no top-level domain is one.
  return (
    text.length <= nameCharactersMax &&
    labels.every((label) => labelPattern.test(label)) &&
    !/^[0-9]+$/.test(labels.at(-1) ?? '')
  );
}
