import { readFile } from 'node:fs/promises';
import type {
  ApiItems,
  ApiList,
  Explanation,
  FleetStatus,
  ItemKind,
  JoinTokenMade,
  RolloutOperated,
  RolloutVerb,
} from '@flotilla/shared/model';

/** Reads the hub's API as its command line does. */
export class HubClient {
  readonly url: string;
  readonly #tokenFile: string;

  constructor(url: string, tokenFile: string) {
    this.url = url;
    this.#tokenFile = tokenFile;
  }

  /** Every item of a kind that the query selects, page after page. */
  async list<Kind extends ItemKind>(
    kind: Kind,
    query: Record<string, string> = {},
  ): Promise<readonly ApiItems[Kind][]> {
    const items: ApiItems[Kind][] = [];
    let next: string | undefined;
    do {
      const search = new URLSearchParams({ ...query, limit: '500', ...(next ? { continue: next } : {}) });
      const page = await this.#call<ApiList<ApiItems[Kind]>>('GET', `/${kind}?${search}`);
      items.push(...page.items);
      next = page.metadata.continue;
    } while (next !== undefined);
    return items;
  }

  async status(): Promise<FleetStatus> {
    return await this.#call<FleetStatus>('GET', '/status');
  }

  async joinLine(name: string, labels: { readonly [key: string]: string }): Promise<string> {
    const body = { name, labels, ttlMs: 3_600_000, reason: 'demo' };
    const made = await this.#call<JoinTokenMade>('POST', '/join-tokens', body);
    return made.joinLine;
  }

  /** Why a placement is on a cluster as it is. */
  async explain(cluster: string, placement: string): Promise<Explanation> {
    return await this.#call('GET', `/explain/${cluster}/${placement}`);
  }

  /** What a person wants of a placement's rollout. */
  async operateRollout(placement: string, verb: RolloutVerb, reason: string): Promise<RolloutOperated> {
    return await this.#call('POST', `/placements/${placement}/rollout/${verb}`, { reason });
  }

  /** Whether the hub answers at all. */
  async isUp(): Promise<boolean> {
    try {
      await this.status();
      return true;
    } catch {
      return false;
    }
  }

  async #call<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const token = (await readFile(this.#tokenFile, 'utf8')).trim();
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(10_000),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 400)}`);
    // The hub's own API answers in its documented shape; the demo is its neighbour.
    return JSON.parse(text) as Answer;
  }
}
