import type { ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { CgiAnswer } from './cgi.ts';
import type { Fault } from './fault.ts';
import { runGit } from './isolated-git.ts';
import type { RepositoryRequest } from './request-kind.ts';

const statuses: Partial<Record<Fault, number>> = {
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  'rate-limited': 429,
  'server-error': 500,
};

/** What a fault needs to know of a request. */
export interface FaultyRequest {
  readonly request: RepositoryRequest;
  /** Path and query as asked. */
  readonly target: string;
  readonly gitdir: string;
  readonly response: ServerResponse;
}

/** Answers in place of the backend when a fault says so. Returns whether it did. */
export async function answerInstead(given: ReadonlySet<Fault>, faulty: FaultyRequest): Promise<boolean> {
  const { request, response } = faulty;
  for (const fault of given) {
    const status = statuses[fault];
    if (status !== undefined) return send(response, status, 'text/plain', 'told to');
    if (fault === 'hang') return true;
    if (fault === 'html')
      return send(response, 200, 'text/html; charset=utf-8', '<!doctype html><title>Sign in</title>');
    if (fault === 'wrong-type') return send(response, 200, 'application/octet-stream', 'bytes');
    if (fault === 'garbage')
      return send(response, 200, gitType(request), 'zzzz this is not what you asked for');
    if (fault.startsWith('redirect-') && redirect(fault, faulty)) return true;
    if (request.kind === 'advertisement' && fault === 'empty-advertisement')
      return send(response, 200, gitType(request), '');
    if (request.kind === 'advertisement' && fault === 'truncated-advertisement') {
      return send(response, 200, gitType(request), '000eversion 2\n0015agent=git/2.');
    }
    if (fault === 'refuse-tree-wants' && (await refuseWants(faulty, 'tree|blob'))) return true;
    if (fault === 'refuse-only-trees' && (await refuseWants(faulty, 'tree'))) return true;
  }
  return false;
}

/** Spoils the backend's answer when a fault says so. Returns whether it did, and then has sent it. */
export async function spoilAnswer(
  given: ReadonlySet<Fault>,
  faulty: FaultyRequest,
  answer: CgiAnswer,
): Promise<boolean> {
  if (given.has('truncated-refs') && faulty.request.kind === 'ls-refs') {
    const refs = await buffer(answer.body);
    faulty.response.writeHead(answer.status, answer.headers);
    faulty.response.end(refs.subarray(0, Number.parseInt(refs.toString('latin1', 0, 4), 16)));
    return true;
  }
  const fault = [...given].find((name) => name.endsWith('-pack'));
  if (fault === undefined || faulty.request.kind !== 'fetch') return false;
  const { response } = faulty;
  const bytes = await buffer(answer.body);
  const packAt = Math.max(0, bytes.indexOf('PACK'));
  const middle = packAt + Math.floor((bytes.length - packAt) / 2);
  response.writeHead(answer.status, answer.headers);
  if (fault === 'corrupt-pack') {
    bytes[middle] = (bytes[middle] ?? 0) ^ 0xff;
    response.end(bytes);
    return true;
  }
  const half = bytes.subarray(0, middle);
  if (fault === 'truncated-pack') response.end(half);
  else response.write(half, () => fault === 'cut-pack' && response.destroy());
  return true;
}

function redirect(fault: Fault, { target, response }: FaultyRequest): boolean {
  if (fault === 'redirect-moved' && target.startsWith('/moved/')) return false;
  const location = {
    'redirect-elsewhere': `https://elsewhere.example.org${target}`,
    'redirect-loop': target,
    'redirect-moved': `/moved${target}`,
  }[fault as string];
  response.writeHead(302, { Location: location });
  response.end();
  return true;
}

/** The words and form are those of git's own upload-pack for an object that it does not have. */
async function refuseWants({ request, gitdir, response }: FaultyRequest, types: string): Promise<boolean> {
  if (request.kind !== 'fetch' || request.wants.length === 0) return false;
  const listed = await runGit(
    ['-C', gitdir, 'cat-file', '--batch-check=%(objectname) %(objecttype)'],
    `${request.wants.join('\n')}\n`,
  );
  const refused = new RegExp(`^([0-9a-f]+) (?:${types})$`, 'm').exec(listed.toString())?.[1];
  if (refused === undefined) return false;
  const line = `ERR upload-pack: not our ref ${refused}`;
  return send(response, 200, gitType(request), `${(line.length + 4).toString(16).padStart(4, '0')}${line}`);
}

function gitType(request: RepositoryRequest): string {
  return `application/x-git-upload-pack-${request.kind === 'advertisement' ? 'advertisement' : 'result'}`;
}

function send(response: ServerResponse, status: number, type: string, body: string): true {
  response.writeHead(status, { 'Content-Type': type });
  response.end(body);
  return true;
}
