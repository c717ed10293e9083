import { isAbsolute, resolve } from 'node:path';
import { err, formatDurationMs, ok, parseDurationMs, type Result } from '../../base/index.ts';
import { isSshUrl, parseSshUrl } from '../../model/index.ts';
import type { ValueKind } from './setting.ts';

/** A host and a port. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** Any text that is not empty. */
export function textKind(placeholder = 'TEXT'): ValueKind<string> {
  return { placeholder, parse: (text) => (text === '' ? err('is empty') : ok(text)) };
}

/** One of the given words. */
export function choiceKind<Choice extends string>(choices: readonly Choice[]): ValueKind<Choice> {
  return {
    placeholder: choices.join('|'),
    parse: (text) => {
      const found = choices.find((choice) => choice === text);
      return found === undefined ? err(`is none of ${choices.join(', ')}: ${quote(text)}`) : ok(found);
    },
  };
}

/** `true` or `false`; a flag alone means true, `--no-NAME` means false. */
export const switchKind: ValueKind<boolean> = {
  placeholder: '',
  parse: (text) => {
    if (text === 'true' || text === 'false') return ok(text === 'true');
    return err(`is neither true nor false: ${quote(text)}`);
  },
};

/** A whole number within bounds. */
export function integerKind(min: number, max: number): ValueKind<number> {
  return {
    placeholder: 'NUMBER',
    parse: (text) => {
      const number = /^-?[0-9]{1,15}$/.test(text) ? Number(text) : Number.NaN;
      if (number >= min && number <= max) return ok(number);
      return err(`is not a whole number from ${min} to ${max}: ${quote(text)}`);
    },
  };
}

/** A duration such as `30s` or `1h30m`, in milliseconds. */
export function durationKind(minMs: number, maxMs: number): ValueKind<number> {
  return {
    placeholder: 'DURATION',
    parse: (text) => {
      const read = parseDurationMs(text);
      if (!read.ok) return err(`is wrong: ${read.error}`);
      if (read.value >= minMs && read.value <= maxMs) return read;
      return err(
        `is out of bounds (${formatDurationMs(minMs)} to ${formatDurationMs(maxMs)}): ${quote(text)}`,
      );
    },
  };
}

/** `HOST:PORT`, `:PORT` (all addresses) or `[IPV6]:PORT`; port 0 lets the system choose. */
export const addressKind: ValueKind<HostPort> = { placeholder: 'HOST:PORT', parse: parseHostPort };

/** A path, made absolute from the working folder. */
export const pathKind: ValueKind<string> = {
  placeholder: 'PATH',
  parse: (text) => {
    if (text === '' || text.includes('\0')) return err(`is not a path: ${quote(text)}`);
    return ok(isAbsolute(text) ? text : resolve(text));
  },
};

/** A URL of one of the given schemes (`https:`), without credentials in it. */
export function urlKind(schemes: readonly string[]): ValueKind<string> {
  const names = schemes.map((scheme) => `${scheme}//`).join(' or ');
  return {
    placeholder: 'URL',
    parse: (text) => {
      const url = URL.parse(text);
      if (url === null || !schemes.includes(url.protocol))
        return err(`is not a URL that begins with ${names}: ${quote(text)}`);
      if (url.username !== '' || url.password !== '') {
        return err('has credentials in its URL: put them into a file and name that instead');
      }
      return ok(text);
    },
  };
}

const httpUrlKind = urlKind(['https:', 'http:']);

/** The URL of a Git repository over https or SSH, without a password in it; http is for its own rules to say. */
export const gitUrlKind: ValueKind<string> = {
  placeholder: 'URL',
  parse: (text) => {
    if (!isSshUrl(text)) return httpUrlKind.parse(text);
    const read = parseSshUrl(text);
    return read.ok ? ok(text) : read;
  },
};

/** Several values of one kind, separated by commas. */
export function listKind<Value>(kind: ValueKind<Value>): ValueKind<readonly Value[]> {
  return {
    placeholder: `${kind.placeholder}[,...]`,
    isList: true,
    parse: (text) => {
      const values: Value[] = [];
      const wrong: string[] = [];
      for (const part of text.split(',').map((piece) => piece.trim())) {
        if (part === '') continue;
        const read = kind.parse(part);
        if (read.ok) values.push(read.value);
        else wrong.push(read.error);
      }
      return wrong.length === 0 ? ok(values) : err(wrong.join('; and '));
    },
  };
}

/** Reads `HOST:PORT`; an empty host means all addresses (`::`). */
export function parseHostPort(text: string): Result<HostPort, string> {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]*)):([0-9]{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) return err(`is not HOST:PORT: ${quote(text)}`);
  return ok({ host: match[1] ?? (match[2] || '::'), port });
}

/** The text of an address, as parseHostPort reads it. */
export function formatHostPort({ host, port }: HostPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}
