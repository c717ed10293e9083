import { limits } from '@flotilla/shared/base';
import type { KubeObject } from '@flotilla/shared/model';
import type { KubeList, KubeRequestInfo, KubeSelection } from '../../kube-port.ts';
import { KubeError } from '../../kube-port.ts';
import { AnswerTooLargeError } from './http.ts';
import { objectFrom } from './objects.ts';
import { acceptOf, selectionQuery, withQuery } from './paths.ts';
import { objectOf, textOf } from './status-body.ts';

/** One list to read. `read` asks for a path and gives the parsed body, or throws KubeError. */
export interface ListCall {
  readonly path: string;
  readonly selection: KubeSelection;
  readonly attempted: string;
  readonly request: KubeRequestInfo;
  /** Objects asked for in one page. */
  readonly pageItems: number;
  readonly read: (path: string, accept: string) => Promise<Readonly<Record<string, unknown>>>;
}

interface Page {
  readonly items: readonly KubeObject[];
  readonly resourceVersion: string;
  readonly next: string;
}

/**
 * Reads a whole selection page by page; all pages show one version. When the server forgets that version on the way
 * (410), the list starts again once. A page that is too large is asked for again with half the items.
 */
export async function listAll(call: ListCall): Promise<KubeList> {
  try {
    return await listOnce(call);
  } catch (error) {
    if (!(error instanceof KubeError) || error.status !== 410) throw error;
    return await listOnce(call);
  }
}

async function listOnce(call: ListCall): Promise<KubeList> {
  const items: KubeObject[] = [];
  let { pageItems } = call;
  let token = '';
  for (;;) {
    const page = await readPage(call, pageItems, token).catch((error: unknown) => {
      if (!isTooLarge(error) || pageItems === 1) throw error;
      return undefined;
    });
    if (page === undefined) {
      pageItems = Math.ceil(pageItems / 2);
      continue;
    }
    items.push(...page.items);
    if (items.length > limits.kubeListItemsMax) throw tooManyError(call);
    if (page.next === '') return { items, resourceVersion: page.resourceVersion };
    token = page.next;
  }
}

async function readPage(call: ListCall, pageItems: number, token: string): Promise<Page> {
  const path = withQuery(call.path, {
    ...selectionQuery(call.selection),
    limit: String(pageItems),
    continue: token === '' ? undefined : token,
  });
  const body = await call.read(path, acceptOf(call.selection.metadataOnly, 'list'));
  const metadata = objectOf(body['metadata']);
  const raw = Array.isArray(body['items']) ? body['items'] : [];
  return {
    items: raw.map((item) => objectFrom(objectOf(item) ?? {}, call.selection.kind)),
    resourceVersion: textOf(metadata?.['resourceVersion']),
    next: textOf(metadata?.['continue']),
  };
}

function isTooLarge(error: unknown): boolean {
  return error instanceof KubeError && error.cause instanceof AnswerTooLargeError;
}

function tooManyError(call: ListCall): KubeError {
  return new KubeError(`${call.attempted}: more than ${limits.kubeListItemsMax} objects`, {
    code: 'KUBE_LIST_TOO_LONG',
    retry: 'never',
    status: 0,
    reason: '',
    causes: [],
    retryAfterMs: undefined,
    request: call.request,
  });
}
