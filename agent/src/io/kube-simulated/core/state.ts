import type { Random } from '@flotilla/shared/base';
import type { GroupVersionKind } from '@flotilla/shared/model';
import type { CreateFacts, Kind, Registry } from './kinds/index.ts';
import { createRegistry, storageKey } from './kinds/index.ts';
import type { ObjectStore } from './store.ts';
import { createStore } from './store.ts';
import type { ValueObject } from './values.ts';
import { textAt, valueAt } from './values.ts';

/** Everything a simulated API server holds. */
export interface ClusterState {
  readonly store: ObjectStore;
  readonly registry: Registry;
  /** Time as Kubernetes writes it: RFC 3339, whole seconds, UTC. */
  readonly nowText: () => string;
  readonly newUid: () => string;
  readonly randomSuffix: () => string;
}

/** What a state is made from: time and chance come from outside. */
export interface StateOptions {
  readonly wallMs: () => number;
  readonly random: Random;
  readonly historyMax: number;
}

/** Characters of generated names: without vowels and look-alikes, as Kubernetes does. */
const suffixAlphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** Makes the state of a cluster that holds nothing at all. */
export function createState(options: StateOptions): ClusterState {
  const { random } = options;
  const hex = (digits: number) =>
    Array.from({ length: digits }, () => Math.floor(random.next() * 16).toString(16)).join('');
  return {
    store: createStore(options.historyMax),
    registry: createRegistry(),
    nowText: () => new Date(options.wallMs()).toISOString().replace(/\.\d+Z$/, 'Z'),
    newUid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`,
    randomSuffix: () =>
      Array.from({ length: 5 }, () =>
        suffixAlphabet.charAt(Math.floor(random.next() * suffixAlphabet.length)),
      ).join(''),
  };
}

/** The stored objects of a built-in kind, by its plural name and group. */
export function listObjects(
  state: ClusterState,
  kind: { readonly group: string; readonly resource: string },
  namespace?: string,
): readonly ValueObject[] {
  return state.store.list(storageKey(kind), namespace);
}

/** One stored object. */
export function getObject(
  state: ClusterState,
  kind: { readonly group: string; readonly resource: string },
  namespace: string | undefined,
  name: string,
): ValueObject | undefined {
  return state.store.get(storageKey(kind), namespace, name);
}

/** What is known of a new object before it is completed. */
export type CreateOrigin = Pick<CreateFacts, 'uid' | 'isApply' | 'hasOwnLabels'>;

/** What a new object may depend on, at this moment. */
export function createFacts(state: ClusterState, origin: CreateOrigin): CreateFacts {
  return {
    ...origin,
    nextClusterIp: () => nextClusterIp(state),
    nextNodePort: (taken) => nextNodePort(state, taken),
    randomSuffix: state.randomSuffix,
    nowText: state.nowText(),
  };
}

/** The version of a kind in an answer is the one that was asked for. */
export function asKind(object: ValueObject, kind: GroupVersionKind & Pick<Kind, 'kind'>): ValueObject {
  const apiVersion = kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
  return object['apiVersion'] === apiVersion ? object : { ...object, apiVersion };
}

const services = { group: '', resource: 'services' };

/** Service addresses are 10.96.0.0/16; the first is the API server's own. */
function nextClusterIp(state: ClusterState): string {
  const used = new Set(listObjects(state, services).map((service) => textAt(service, 'spec', 'clusterIP')));
  for (let number = 1; number < 65_535; number += 1) {
    const address = `10.96.${number >> 8}.${number & 255}`;
    if (!used.has(address)) return address;
  }
  return 'None';
}

function nextNodePort(state: ClusterState, taken: ReadonlySet<number>): number {
  const used = new Set(
    listObjects(state, services).flatMap((service) => {
      const ports = valueAt(service, 'spec', 'ports');
      return Array.isArray(ports) ? ports.map((port) => valueAt(port, 'nodePort')) : [];
    }),
  );
  let port = 30_000;
  while (used.has(port) || taken.has(port)) port += 1;
  return port;
}
