/**
 * Where an agent keeps what it must not lose: a folder, or Secrets of its own namespace. Reading order: store-rules, record,
 * group-work, folder-store, secret-format, secret-store.
 */
export { openFolderStore } from './folder-store.ts';
export { openSecretStore, type SecretStoreOptions } from './secret-store.ts';
export { checkStoreKey, StoreCorruptError } from './store-rules.ts';
