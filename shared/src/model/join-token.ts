import { err, ok, type Result } from '../base/index.ts';

/** A join token in its parts: what a person pastes to make a cluster's agent join a fleet. */
export interface JoinToken {
  /** 26 lower-case base32 characters; not secret. */
  readonly id: string;
  /** 32 random bytes as base64url; the hub keeps only its hash. */
  readonly secret: string;
  /** Acceptable hubs: sha-256 of the CA's public key, base64url. Several during a change of CA. */
  readonly pins: readonly string[];
}

/** What a person pastes: where the hub is, and the token. */
export interface JoinLine {
  /** host:port of the enrolment listener; an IPv6 address in brackets. */
  readonly address: string;
  readonly token: JoinToken;
}

/** A change of CA needs two pins; more than a few is a mistake. */
const pinsMax = 4;
const idPattern = /^[a-z2-7]{26}$/;
const hashPattern = /^[A-Za-z0-9_-]{43}$/;

/** `flt1.<id>.<secret>.<pin>[,<pin>]`. */
export function formatJoinToken(token: JoinToken): string {
  return `flt1.${token.id}.${token.secret}.${token.pins.join(',')}`;
}

/**
 * Reads a pasted token; white space around it is ignored. The error says which part is wrong and never quotes the text,
 * because it is a secret.
 */
export function parseJoinToken(text: string): Result<JoinToken, string> {
  const [version, id, secret, pinList, ...rest] = text.trim().split('.');
  if (version !== 'flt1') return err('a join token starts with "flt1."');
  if (id === undefined || secret === undefined || pinList === undefined || rest.length > 0) {
    return err('a join token has four parts, flt1.<id>.<secret>.<pin>: was it cut off when it was copied?');
  }
  if (!idPattern.test(id)) return err('the second part of the join token is not a token id');
  if (!hashPattern.test(secret))
    return err('the third part of the join token is not a secret of 43 characters');
  const pins = pinList.split(',');
  if (pins.length > pinsMax) return err(`the join token has more than ${pinsMax} pins`);
  if (!pins.every((pin) => hashPattern.test(pin))) {
    return err(
      'the last part of the join token is not a pin of 43 characters: was it cut off when it was copied?',
    );
  }
  return ok({ id, secret, pins });
}

/** `HOST:PORT/flt1.…`: one word, so that it can be pasted into a flag or a manifest. */
export function formatJoinLine(line: JoinLine): string {
  return `${line.address}/${formatJoinToken(line.token)}`;
}

/** Reads a pasted join line; like parseJoinToken it never quotes it. */
export function parseJoinLine(text: string): Result<JoinLine, string> {
  const [address = '', token, ...rest] = text.trim().split('/');
  if (token === undefined || rest.length > 0) return err('a join line has two parts, HOST:PORT/flt1.…');
  if (!isHostPort(address)) return err('the part of the join line before "/" is not HOST:PORT');
  const parsed = parseJoinToken(token);
  return parsed.ok ? ok({ address, token: parsed.value }) : parsed;
}

function isHostPort(address: string): boolean {
  const port = Number(/^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]{1,253}):(\d{1,5})$/.exec(address)?.[1]);
  return Number.isInteger(port) && port > 0 && port < 65_536;
}
