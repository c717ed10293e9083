import { limits } from '@flotilla/shared/base';
import type { WebhookHeaders } from './signature.ts';

/** Headers in which Git servers number their deliveries. */
const deliveryHeaders = [
  'x-flotilla-delivery',
  'x-github-delivery',
  'x-gitea-delivery',
  'x-forgejo-delivery',
  'x-gitlab-webhook-uuid',
  'x-gitlab-event-uuid',
  'x-request-uuid',
] as const;

/** Remembers deliveries, so that a repeated one wakes nobody. Bounded; the oldest is forgotten first. */
export class Deliveries {
  readonly #seen = new Set<string>();

  /** True for a delivery that was seen before. One without a number is always new. */
  isRepeated(headers: WebhookHeaders): boolean {
    const header = deliveryHeaders.find((name) => typeof headers[name] === 'string');
    if (header === undefined) return false;
    const key = `${header} ${String(headers[header]).slice(0, limits.frameNameMax)}`;
    if (this.#seen.has(key)) return true;
    this.#seen.add(key);
    const [oldest] = this.#seen;
    if (this.#seen.size > limits.webhookDeliveriesMax && oldest !== undefined) this.#seen.delete(oldest);
    return false;
  }
}
