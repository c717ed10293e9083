/**
 * The hub over HTTP: the API for command line, console and third parties (api-server), and the listener for webhooks
 * (webhook/). Reading order: web-server, guard, schema/, list/, events/, route, routes/, open-api, api-server, webhook/,
 * then what a start needs: admin-token, cli-context.
 */
export { type AdminToken, AdminTokenError, openAdminToken } from './admin-token.ts';
export { type ApiServer, type ApiServerOptions, startApiServer } from './api-server.ts';
export { type CliContextOptions, writeCliContext } from './cli-context.ts';
export { openApiDocument } from './open-api.ts';
export * from './webhook/index.ts';
