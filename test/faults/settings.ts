import type { PlacementName } from '@flotilla/shared/base';
import {
  type AdminClient,
  type AuditEvent,
  deletesIn,
  formatAuditEvent,
  writesIn,
} from '../real/control-plane/index.ts';

/** ConfigMaps of one namespace: what each holds, by name. */
export type Settings = Readonly<Record<string, string>>;

/** What every set of a scenario holds first. */
export const settingsBefore: Settings = { changed: '1', gone: '1', kept: '1' };

/** What it is to hold then: one changed, one gone, one new. */
export const settingsAfter: Settings = { changed: '2', kept: '1', new: '1' };

/** The files of a folder that hold them; files about something else than others have other ids in Git. */
export function settingsFiles(
  settings: Settings,
  folder: string,
  about = folder,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [
      `${folder}/${name}.yaml`,
      `# ${about}\n${settingsFile(name, value)}`,
    ]),
  );
}

function settingsFile(name: string, value: string): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {value: "${value}"}\n`;
}

/** What the API server has in a namespace; what its own controllers bring is left out. */
export async function liveSettings(admin: AdminClient, namespace: string): Promise<Settings> {
  // ConfigMapList of the core API.
  const { items } = (await admin.json('GET', `/api/v1/namespaces/${namespace}/configmaps`)) as {
    readonly items: readonly {
      readonly metadata: { readonly name: string };
      readonly data?: { readonly value?: string };
    }[];
  };
  const own = items.filter(({ metadata }) => metadata.name !== 'kube-root-ca.crt');
  return Object.fromEntries(own.map(({ metadata, data }) => [metadata.name, data?.value ?? '']).sort());
}

/** How a namespace differs from what it should hold, in words; none = not at all. */
export async function judgeSettings(
  admin: AdminClient,
  namespace: string,
  wanted: Settings,
): Promise<readonly string[]> {
  const live = JSON.stringify(await liveSettings(admin, namespace));
  const expected = JSON.stringify(wanted);
  return live === expected ? [] : [`${namespace} holds ${live} and should hold ${expected}`];
}

/** Writes in a namespace that the server accepted, by its audit log: there should have been none. */
export function judgeUntouched(events: readonly AuditEvent[], namespace: PlacementName): readonly string[] {
  return writesIn(events, { namespace }).map((event) => `without a cause: ${formatAuditEvent(event)}`);
}

/** Deletes in a namespace that reached the server, accepted or not: each of these ConfigMaps once, and nothing else. */
export function judgeDeletes(
  events: readonly AuditEvent[],
  namespace: PlacementName,
  wanted: readonly string[],
): readonly string[] {
  const deleted = deletesIn(events, { namespace }).map(({ name, resource }) => `${resource} ${name ?? '*'}`);
  const [done, due] = [deleted.sort().join(', '), wanted.map((name) => `configmaps ${name}`).join(', ')];
  return done === due ? [] : [`${namespace}: deleted were [${done}] and should have been [${due}]`];
}
