import type { RemoteSettings } from './remote-settings.ts';

/** One repository on one server, with its kept-alive connections. Close it when the Source goes away. */
export interface Remote extends AsyncDisposable {
  /** For people: without secrets, as given. */
  readonly url: string;
  close(): Promise<void>;
}

/** Checks the settings and makes a remote; connects on first use. Throws GIT_URL_REFUSED. */
export function openRemote(_settings: RemoteSettings): Remote {
  throw new Error('being built');
}
