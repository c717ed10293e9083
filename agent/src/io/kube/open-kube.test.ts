import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultKubeTiming } from './config.ts';
import type { Answer } from './scripted-server-fixture.ts';
import { failureOf, json, path, ref, reset, scripted, settings, status } from './scripted-server-fixture.ts';

const signal = AbortSignal.timeout(20_000);

describe('requests', () => {
  it('keeps fields that no model knows', async () => {
    const server = scripted({ [`GET ${path}`]: json({ ...settings, unheardOf: { of: [1] } }) });
    const port = await server.port();

    expect(await port.get(ref, signal)).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      ...settings,
      unheardOf: { of: [1] },
    });
  });

  it('sends the preconditions of a delete in a body whose length is said', async () => {
    const server = scripted({ [`DELETE ${path}`]: json({ kind: 'Status', status: 'Success' }) });
    const port = await server.port();
    const options = { uid: 'u', resourceVersion: '7', propagation: 'Background', dryRun: true } as const;

    expect(await port.delete(ref, options, signal)).toBe(true);

    expect(JSON.parse(server.bodies.at(-1) ?? '')).toMatchObject({
      preconditions: { uid: 'u', resourceVersion: '7' },
      propagationPolicy: 'Background',
      dryRun: ['All'],
    });
    expect(server.headers.at(-1)).toMatchObject({
      'content-length': String(server.bodies.at(-1)?.length),
    });
  });

  it('applies with manager, strictness, force and dry run in the query', async () => {
    const server = scripted({ [`PATCH ${path}`]: json(settings) });
    const port = await server.port();
    const object = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'settings', namespace: 'shop' },
    };
    const options = { fieldManager: 'me', force: true, dryRun: true, fieldValidation: 'Strict' } as const;

    await port.apply(object, options, signal);

    expect(server.seen.at(-1)).toBe(
      `PATCH ${path}?fieldManager=me&fieldValidation=Strict&force=true&dryRun=All`,
    );
    expect(server.headers.at(-1)?.['content-type']).toBe('application/apply-patch+yaml');
    expect(JSON.parse(server.bodies.at(-1) ?? '')).toEqual(object);
  });

  it('asks a read once more when its connection was reset', async () => {
    const server = scripted({ [`GET ${path}`]: [reset, json(settings)] });
    const port = await server.port();

    expect(await port.get(ref, signal)).toMatchObject(settings);
  });

  it('does not repeat a write whose connection was reset', async () => {
    const server = scripted({ [`PATCH ${path}`]: [reset, json(settings)] });
    const port = await server.port();

    const error = await failureOf(port.mergePatch(ref, {}, { fieldManager: 'me' }, signal));

    expect(error).toMatchObject({ code: 'KUBE_UNREACHABLE', status: 0, retry: 'backoff' });
    expect(server.seen.filter((one) => one.startsWith('PATCH'))).toHaveLength(1);
  });

  it('gives up after its deadline', async () => {
    const server = scripted({ [`GET ${path}`]: () => {} });
    const port = await server.port({ timing: { ...defaultKubeTiming, requestMs: 50 } });

    const error = await failureOf(port.get(ref, signal));

    expect(error).toMatchObject({ code: 'KUBE_UNREACHABLE', status: 0 });
    expect(error.message).toContain('no answer within 50 ms');
  });

  it('rejects with the reason of its signal', async () => {
    const server = scripted({ [`GET ${path}`]: () => {} });
    const port = await server.port();
    await port.discover({ fresh: false }, signal);
    const stop = new AbortController();

    const pending = port.get(ref, stop.signal);
    stop.abort(new Error('enough'));

    await expect(pending).rejects.toThrow('enough');
  });

  it('says who could not be reached', async () => {
    const server = scripted({});
    const port = await server.port();
    await server.close();

    const error = await failureOf(port.get(ref, signal));

    expect(error.message).toMatch(/^discover: no answer from the API server: .*ECONNREFUSED/);
  });
});

describe('refusals', () => {
  it('carry reason, causes and Retry-After', async () => {
    const causes = [{ reason: 'FieldValueInvalid', message: 'no', field: 'data' }];
    const server = scripted({
      [`PATCH ${path}`]: [
        status(422, { reason: 'Invalid', message: 'is invalid', details: { name: 'settings', causes } }),
        status(429, { reason: 'TooManyRequests', message: 'slow down' }, { 'retry-after': '3' }),
      ],
    });
    const port = await server.port();
    const patch = () => failureOf(port.mergePatch(ref, {}, { fieldManager: 'me' }, signal));

    expect(await patch()).toMatchObject({ status: 422, code: 'KUBE_INVALID', retry: 'never', causes });
    expect(await patch()).toMatchObject({
      status: 429,
      code: 'KUBE_TOO_MANY_REQUESTS',
      retry: 'backoff',
      retryAfterMs: 3_000,
    });
  });

  it('name the rule that a 403 lacks', async () => {
    const server = scripted({
      [`PATCH ${path}`]: status(403, {
        reason: 'Forbidden',
        message: 'User "agent" cannot patch resource "configmaps" in API group "" in the namespace "shop"',
        details: { name: 'settings' },
      }),
    });
    const port = await server.port();
    const object = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'settings', namespace: 'shop' },
    };
    const options = { fieldManager: 'me', force: false, dryRun: false, fieldValidation: 'Strict' } as const;

    const error = await failureOf(port.apply(object, options, signal));

    expect(error).toMatchObject({
      code: 'KUBE_FORBIDDEN',
      retry: 'never',
      request: {
        verbs: ['patch', 'create'],
        group: '',
        resource: 'configmaps',
        namespace: 'shop',
        name: 'settings',
      },
    });
    expect(error.message).toContain(
      'missing rule: {apiGroups: [""], resources: ["configmaps"], verbs: [get, list, watch, create, patch, update, delete]} in namespace shop',
    );
  });

  it('are told as text when there is no Status', async () => {
    const html: Answer = (_request, response) => {
      response.writeHead(502, { 'content-type': 'text/html' });
      response.end('<html>bad gateway</html>');
    };
    const server = scripted({ [`GET ${path}`]: html });
    const port = await server.port();

    const error = await failureOf(port.get(ref, signal));

    expect(error).toMatchObject({ status: 502, code: 'KUBE_HTTP_502', retry: 'backoff' });
    expect(error.message).toContain('bad gateway');
  });

  it('of a missing object are undefined, of a missing path they are errors', async () => {
    const server = scripted({
      [`GET ${path}`]: [
        status(404, { reason: 'NotFound', details: { name: 'settings', kind: 'configmaps' } }),
        status(404, { reason: 'NotFound', message: 'the server could not find the requested resource' }),
      ],
    });
    const port = await server.port();

    expect(await port.get(ref, signal)).toBeUndefined();
    expect(await failureOf(port.get(ref, signal))).toMatchObject({ status: 404, code: 'KUBE_NOT_FOUND' });
  });

  it('of a body that is no JSON are errors', async () => {
    const text: Answer = (_request, response) => response.end('hello');
    const server = scripted({ [`GET ${path}`]: text });
    const port = await server.port();

    expect(await failureOf(port.get(ref, signal))).toMatchObject({ code: 'KUBE_UNREACHABLE' });
  });
});

describe('tokens', () => {
  it('are read again when the file changes and after a 401', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'token-'));
    const file = join(folder, 'token');
    await writeFile(file, 'first\n');
    const server = scripted({
      [`GET ${path}`]: [
        json(settings),
        json(settings),
        status(401, { reason: 'Unauthorized' }),
        json(settings),
      ],
    });
    const port = await server.port({ token: { kind: 'file', path: file } });
    const authorizations = () => server.headers.map((headers) => headers.authorization);

    await port.get(ref, signal);
    await writeFile(file, 'second');
    await utimes(file, 1, 1);
    await port.get(ref, signal);
    expect(authorizations().slice(-2)).toEqual(['Bearer first', 'Bearer second']);

    await writeFile(file, 'third');
    await utimes(file, 1, 1);
    await port.get(ref, signal);
    expect(authorizations().slice(-2)).toEqual(['Bearer second', 'Bearer third']);
    await rm(folder, { recursive: true });
  });

  it('that are refused and not replaced are an error', async () => {
    const server = scripted({ [`GET ${path}`]: status(401, { reason: 'Unauthorized' }) });
    const port = await server.port({ token: { kind: 'text', token: 'old' } });

    expect(await failureOf(port.get(ref, signal))).toMatchObject({ status: 401, retry: 'backoff' });
    expect(server.seen.filter((one) => one === `GET ${path}`)).toHaveLength(1);
  });
});
