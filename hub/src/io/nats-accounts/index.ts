/**
 * The bus's operator, accounts and users, and the configuration of a server that trusts them.
 * Reading order: jwt, accounts, server-config.
 */
export * from './accounts.ts';
export * from './server-config.ts';
