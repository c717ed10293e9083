import { readFile } from 'node:fs/promises';

/** One answered request as the API server's own audit log tells it: the judge of what happened on a cluster. */
export interface AuditEvent {
  readonly atMs: number;
  readonly user: string;
  readonly userAgent: string;
  /** get, list, watch, create, update, patch, delete, deletecollection. */
  readonly verb: string;
  readonly uri: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  /** HTTP status of the answer. */
  readonly status: number;
  readonly isDryRun: boolean;
  /** Body of the request; only with the audit level RequestResponse. */
  readonly requestObject: unknown;
}

/** Which events count. Every given field must match. */
export interface AuditFilter {
  readonly user?: string;
  readonly verbs?: readonly string[];
  readonly resource?: string;
  readonly namespace?: string;
  readonly name?: string;
  /** Resources left out, e.g. `leases`. */
  readonly exceptResources?: readonly string[];
}

const writeVerbs = ['create', 'update', 'patch', 'delete', 'deletecollection'];
const deleteVerbs = ['delete', 'deletecollection'];

/** Reads a whole audit log. A last line that is still being written is left out. */
export async function readAuditLog(path: string): Promise<readonly AuditEvent[]> {
  const text = await readFile(path, 'utf8');
  return parseAuditLog(text);
}

/** Parses audit lines (audit.k8s.io/v1 Event, one JSON object a line). */
export function parseAuditLog(text: string): readonly AuditEvent[] {
  const complete = text.slice(0, text.lastIndexOf('\n') + 1);
  return complete
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => parseAuditLine(line));
}

/** Writes that the server accepted and kept: dry runs and refusals are not writes. */
export function writesIn(events: readonly AuditEvent[], filter: AuditFilter = {}): readonly AuditEvent[] {
  return selectEvents(events, filter).filter(
    (event) => writeVerbs.includes(event.verb) && isAccepted(event) && !event.isDryRun && !isReview(event),
  );
}

/** Deletes that reached the server, accepted or not. */
export function deletesIn(events: readonly AuditEvent[], filter: AuditFilter = {}): readonly AuditEvent[] {
  return selectEvents(events, filter).filter((event) => deleteVerbs.includes(event.verb));
}

/** Events that match a filter. */
export function selectEvents(events: readonly AuditEvent[], filter: AuditFilter): readonly AuditEvent[] {
  return events.filter(
    (event) =>
      (filter.user === undefined || event.user === filter.user) &&
      (filter.verbs === undefined || filter.verbs.includes(event.verb)) &&
      (filter.resource === undefined || event.resource === filter.resource) &&
      (filter.namespace === undefined || event.namespace === filter.namespace) &&
      (filter.name === undefined || event.name === filter.name) &&
      filter.exceptResources?.includes(event.resource) !== true,
  );
}

/** One line for people: `patch apps/deployments shop/cart 200 by system:serviceaccount:a:b`. */
export function formatAuditEvent(event: AuditEvent): string {
  const resource = event.group === '' ? event.resource : `${event.group}/${event.resource}`;
  const target = [event.namespace, event.name].filter((part) => part !== undefined).join('/');
  return `${event.verb} ${resource} ${target} ${event.status} by ${event.user}`;
}

function isAccepted(event: AuditEvent): boolean {
  return event.status >= 200 && event.status < 300;
}

/** Reviews (TokenReview, SelfSubjectAccessReview) are asked with the verb create and store nothing. */
function isReview(event: AuditEvent): boolean {
  return event.group === 'authorization.k8s.io' || event.group === 'authentication.k8s.io';
}

interface AuditLine {
  readonly verb: string;
  readonly requestURI: string;
  readonly user?: { readonly username?: string };
  readonly userAgent?: string;
  readonly objectRef?: {
    readonly apiGroup?: string;
    readonly resource?: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly responseStatus?: { readonly code?: number };
  readonly requestReceivedTimestamp: string;
  readonly requestObject?: unknown;
}

function parseAuditLine(line: string): AuditEvent {
  // The API server's documented format (audit.k8s.io/v1); a broken line throws here, which fails the test that asked.
  const raw = JSON.parse(line) as AuditLine;
  const target = raw.objectRef ?? {};
  return {
    atMs: Date.parse(raw.requestReceivedTimestamp),
    user: raw.user?.username ?? '',
    userAgent: raw.userAgent ?? '',
    verb: raw.verb,
    uri: raw.requestURI,
    group: target.apiGroup ?? '',
    resource: target.resource ?? '',
    subresource: target.subresource ?? '',
    namespace: target.namespace,
    name: target.name,
    status: raw.responseStatus?.code ?? 0,
    isDryRun: new URL(raw.requestURI, 'https://localhost').searchParams.has('dryRun'),
    requestObject: raw.requestObject,
  };
}
