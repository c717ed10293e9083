/**
 * Webhooks of Git servers: hints that something was pushed, on a listener of their own because Git servers must reach it
 * and nobody else needs to. Reading order: signature, deliveries, debounce, webhook-server.
 */
export {
  readWebhookSecret,
  startWebhookServer,
  WebhookSecretError,
  type WebhookServer,
  type WebhookServerOptions,
} from './webhook-server.ts';
