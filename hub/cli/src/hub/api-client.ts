import {
  type ApiItems,
  type ApiList,
  apiVersion,
  type ClusterRemoved,
  type Described,
  type EpochConfirmed,
  type Explanation,
  type FleetStatus,
  type ItemKind,
  type JoinTokenMade,
  type PlanPreview,
  type Problem,
  type ProblemCode,
  problemCodes,
  type RolloutOperated,
  type RolloutVerb,
  type SourceAccepted,
} from '@flotilla/shared/model';
import { CliError } from '../cli-error.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { type HubRequest, openRequest, readBody } from './connection.ts';
import type { HubAddress } from './find-hub.ts';
import type { OperationWanted, PlanWanted, TokenWanted } from './wanted.ts';

/** Which items of a kind, and how many at once. */
export interface ListWanted {
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly limit?: number | undefined;
  readonly continue?: string | undefined;
}

/** An answer, and when the hub gave it, by the hub's clock. */
export interface Timed<Value> {
  readonly value: Value;
  readonly asOfMs: number;
}

const requestMs = 30_000;

/** The hub's API. Every method rejects with CliError; no method tries again by itself. */
export class ApiClient {
  readonly hub: HubAddress;

  constructor(hub: HubAddress) {
    this.hub = hub;
  }

  async list<Kind extends ItemKind>(
    kind: Kind,
    wanted: ListWanted,
    signal: AbortSignal,
  ): Promise<ApiList<ApiItems[Kind]>> {
    const { value } = await this.#call({ method: 'GET', path: `/${kind}${queryOf({ ...wanted })}` }, signal);
    if (!isList(value)) throw notAHub(this.hub, 'it answered a list with something else');
    // The hub answers by the same documents that this program was compiled with; apiVersion has been compared.
    return value as unknown as ApiList<ApiItems[Kind]>;
  }

  async item<Kind extends ItemKind>(
    kind: Kind,
    name: string,
    signal: AbortSignal,
  ): Promise<Timed<ApiItems[Kind]>> {
    return this.#get(`/${kind}/${pathOf(name)}`, signal);
  }

  async describe<Kind extends ItemKind>(
    kind: Kind,
    name: string,
    signal: AbortSignal,
  ): Promise<Timed<Described<ApiItems[Kind]>>> {
    return this.#get(`/${kind}/${pathOf(name)}/describe`, signal);
  }

  async explain(cluster: string, placement: string, signal: AbortSignal): Promise<Timed<Explanation>> {
    return this.#get(`/explain/${pathOf(cluster)}/${pathOf(placement)}`, signal);
  }

  /** What a branch, tag or commit would do. */
  async plan(of: PlanWanted, signal: AbortSignal): Promise<PlanPreview> {
    return (await this.#get<PlanPreview>(`/plan${queryOf({ ...of })}`, signal)).value;
  }

  async status(signal: AbortSignal): Promise<FleetStatus> {
    return (await this.#get<FleetStatus>('/status', signal)).value;
  }

  async version(signal: AbortSignal): Promise<string> {
    return (await this.#get<{ version: string }>('/version', signal)).value.version;
  }

  async createJoinToken(body: TokenWanted, signal: AbortSignal): Promise<JoinTokenMade> {
    return this.#act({ method: 'POST', path: '/join-tokens', body }, signal);
  }

  async removeCluster(name: string, reason: string, signal: AbortSignal): Promise<ClusterRemoved> {
    return this.#act({ method: 'DELETE', path: `/clusters/${pathOf(name)}${queryOf({ reason })}` }, signal);
  }

  async acceptSource(
    name: string,
    body: { readonly commit: string; readonly reason: string },
    signal: AbortSignal,
  ): Promise<SourceAccepted> {
    return this.#act({ method: 'POST', path: `/sources/${pathOf(name)}/accept`, body }, signal);
  }

  async confirmEpoch(
    body: { readonly epoch: number; readonly reason: string },
    signal: AbortSignal,
  ): Promise<EpochConfirmed> {
    return this.#act({ method: 'POST', path: '/epoch/confirm', body }, signal);
  }

  async operateRollout(
    target: { readonly kind: 'placement' | 'rollout'; readonly name: string },
    verb: RolloutVerb,
    body: OperationWanted,
    signal: AbortSignal,
  ): Promise<RolloutOperated> {
    const name = pathOf(target.name);
    const place = target.kind === 'rollout' ? `/rollouts/${name}` : `/placements/${name}/rollout`;
    return this.#act({ method: 'POST', path: `${place}/${verb}`, body }, signal);
  }

  async #get<Value>(path: string, signal: AbortSignal): Promise<Timed<Value>> {
    const { value, asOfMs } = await this.#call({ method: 'GET', path }, signal);
    return { value: value as Value, asOfMs };
  }

  async #act<Value>(request: HubRequest, signal: AbortSignal): Promise<Value> {
    const { value } = await this.#call(request, signal);
    return value as Value;
  }

  async #call(wanted: HubRequest, signal: AbortSignal): Promise<Timed<object>> {
    const deadline = AbortSignal.timeout(requestMs);
    try {
      const answer = await openRequest(this.hub, wanted, AbortSignal.any([signal, deadline]));
      const value = parseAnswer(this.hub, await readBody(this.hub, answer));
      const status = answer.statusCode ?? 0;
      if (status < 200 || status > 299) throw refusalOf(this.hub, status, value);
      const asOfMs = Number(answer.headers['flotilla-as-of'] ?? Number.NaN);
      return { value, asOfMs: Number.isNaN(asOfMs) ? Date.now() : asOfMs };
    } catch (error) {
      if (deadline.aborted && !signal.aborted) throw tooLate(this.hub);
      throw error;
    }
  }
}

/** What a refused request becomes; for the event stream, which reads its answers itself. */
export function refusalOf(hub: HubAddress, status: number, body: object): CliError {
  const problem = 'error' in body ? problemOf(body.error) : undefined;
  if (problem === undefined) return notAHub(hub, `it answered with HTTP ${status}`);
  return new CliError(problem, exitCodeOf(status));
}

/** A JSON object; anything else did not come from a hub. */
export function parseAnswer(hub: HubAddress, text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Falls through: what is no JSON is no answer of a hub.
  }
  throw notAHub(hub, `it answered with ${JSON.stringify(text.slice(0, 60))}`);
}

function exitCodeOf(status: number): ExitCode {
  if (status === 401 || status === 403) return exitCodes.notAuthorised;
  if (status === 503) return exitCodes.hubUnreachable;
  const isOfTheFleet = status === 404 || status === 409 || status === 422 || status >= 500;
  return isOfTheFleet ? exitCodes.failed : exitCodes.usage;
}

function problemOf(raw: unknown): Problem | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined;
  const { code, text, cause, stillTrue, next }: { readonly [key: string]: unknown } = { ...raw };
  if (typeof code !== 'string' || !/^FLT-[0-9]{4}$/.test(code) || typeof text !== 'string') return undefined;
  return {
    // A code of a newer hub is shown as it is; its entry is in that hub's documents.
    code: code as ProblemCode,
    text,
    ...(typeof cause === 'string' && { cause }),
    ...(typeof stillTrue === 'string' && { stillTrue }),
    ...(typeof next === 'string' && { next }),
  };
}

function isList(value: object): boolean {
  return (
    'apiVersion' in value &&
    value.apiVersion === apiVersion &&
    'items' in value &&
    Array.isArray(value.items) &&
    'metadata' in value
  );
}

function notAHub(hub: HubAddress, cause: string): CliError {
  return new CliError(
    {
      code: problemCodes.notAFlotillaHub,
      text: `${hub.url.origin} does not answer as a hub of this version`,
      cause,
      next: 'flotilla version',
    },
    exitCodes.hubUnreachable,
  );
}

function tooLate(hub: HubAddress): CliError {
  return new CliError(
    {
      code: problemCodes.timedOut,
      text: `the hub at ${hub.url.origin} did not answer within ${requestMs / 1_000} s`,
      cause: 'it is overloaded, or waits for its bus',
      stillTrue: 'clusters keep themselves as they were told last; an action may or may not have been stored',
      next: 'flotilla status',
    },
    exitCodes.timeout,
  );
}

/** Words of a name, each safe in a path; `CLUSTER/PLACEMENT` stays two words. */
function pathOf(name: string): string {
  return name.split('/').map(encodeURIComponent).join('/');
}

function queryOf(values: { readonly [name: string]: string | number | undefined }): string {
  const given = Object.entries(values).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, String(value)] as const],
  );
  return given.length === 0 ? '' : `?${new URLSearchParams(Object.fromEntries(given))}`;
}
