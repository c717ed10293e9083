import type { Clock } from '@flotilla/shared/base';
import { closestName } from '@flotilla/shared/kit/settings';
import type { HubApi } from '../../api-port.ts';
import { badRequest } from './api-error.ts';
import type { ChangeLog } from './events/index.ts';
import type { z } from './schema/index.ts';

/** What handlers work with. */
export interface RouteDeps {
  readonly api: HubApi;
  readonly clock: Clock;
  readonly changes: ChangeLog;
}

/** A request whose path, query and body have been checked. */
export interface Call<Query, Body> {
  /** Words of the path by their names, not checked further. */
  readonly params: { readonly [name: string]: string };
  readonly query: Query;
  readonly body: Body;
  /** Ends when the hub closes or the request has taken too long; not when its sender hangs up. */
  readonly signal: AbortSignal;
}

/** One path and method of the API: what it takes, gives and does. The OpenAPI document is made from the same table. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below /api/v1, words in braces. */
  readonly path: string;
  readonly id: string;
  readonly summary: string;
  readonly query: z.ZodObject | undefined;
  readonly body: z.ZodObject | undefined;
  /** Name of the schema of the answer. */
  readonly answer: string;
  readonly status: 200 | 201;
  /** Answered while the hub is still reading its log and Git. */
  readonly isEarly: boolean;
  readonly handle: (call: Call<unknown, unknown>, deps: RouteDeps) => unknown;
}

/** What a route is declared with. */
export interface RouteOptions<Query extends z.ZodObject, Body extends z.ZodObject> {
  readonly method: Route['method'];
  readonly path: string;
  readonly id: string;
  readonly summary: string;
  readonly query?: Query;
  readonly body?: Body;
  readonly answer: string;
  readonly status?: 201;
  readonly isEarly?: true;
  readonly handle: (call: Call<z.output<Query>, z.output<Body>>, deps: RouteDeps) => unknown;
}

/** Declares a route; its handler gets what the schemas gave. */
export function route<Query extends z.ZodObject, Body extends z.ZodObject>(
  options: RouteOptions<Query, Body>,
): Route {
  const { query, body, handle } = options;
  return {
    ...options,
    query,
    body,
    status: options.status ?? 200,
    isEarly: options.isEarly ?? false,
    handle: (call, deps) => {
      const checked: Call<z.output<Query>, z.output<Body>> = {
        ...call,
        // A route without a schema has a handler that does not look at the part.
        query: (query ? check(query, call.query, 'query') : undefined) as z.output<Query>,
        body: (body ? check(body, call.body ?? {}, 'body') : undefined) as z.output<Body>,
      };
      return handle(checked, deps);
    },
  };
}

/** Reads a part of a request by its schema. Throws ApiError that names every mistake. */
export function check<Schema extends z.ZodObject>(
  schema: Schema,
  value: unknown,
  what: string,
): z.output<Schema> {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const known = Object.keys(schema.shape);
  const mistakes = read.error.issues.slice(0, 5).map((issue) => describeIssue(issue, known));
  throw badRequest({ text: `the ${what} of the request is wrong`, cause: mistakes.join('; ') });
}

function describeIssue(issue: z.core.$ZodIssue, known: readonly string[]): string {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `unknown ${JSON.stringify(key)}${meant(key, known)}`).join('; ');
  }
  const path = issue.path.map(String).join('.');
  return path === '' ? issue.message : `${path}: ${issue.message}`;
}

function meant(key: string, known: readonly string[]): string {
  const found = closestName(key, known);
  return found === undefined ? ` (known: ${known.join(', ')})` : `; did you mean ${JSON.stringify(found)}?`;
}
