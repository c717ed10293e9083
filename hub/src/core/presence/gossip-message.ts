import {
  type ClusterUid,
  err,
  type Json,
  limits,
  ok,
  parseClusterUid,
  parsePlacementName,
  type Result,
} from '@flotilla/shared/base';
import { type RejectedRow, type RejectionCode, rejectionCodes } from '@flotilla/shared/model';

/**
 * Why a process speaks.
 * - hello: it has begun to listen, or was deaf: the others tell everything soon
 * - news: what changed just now
 * - digest: everything, again; a process of which nothing comes for `gossipTimes.heardForMs` is away
 * - leaving: it is stopping; its streams are ending and come back elsewhere
 */
export type GossipKind = 'hello' | 'news' | 'digest' | 'leaving';

/** One message from a hub process to all of them. */
export interface GossipMessage {
  /** The process, by the name that stands in its decisions. */
  readonly process: string;
  /** Counts the messages of a process, so that one that was overtaken takes nothing back. */
  readonly no: number;
  readonly kind: GossipKind;
  readonly sightings: readonly ToldSighting[];
  readonly rejections: readonly ToldRejection[];
}

/** What a process tells of a stream that it holds, or has held. */
export interface ToldSighting {
  readonly cluster: ClusterUid;
  readonly incarnation: number;
  readonly session: number;
  readonly announcedSeq: number | undefined;
  /** Connected, as that process sees it. */
  readonly isConnected: boolean;
}

/** A row that an agent refused on a stream of the process that tells. */
export interface ToldRejection {
  readonly cluster: ClusterUid;
  readonly row: RejectedRow;
}

const formatNow = 1;

/** A message as it goes over the bus: lists in place of objects, because a fleet is told every ten seconds. */
export function encodeGossip({ process, no, kind, sightings, rejections }: GossipMessage): Json {
  return {
    format: formatNow,
    process,
    no,
    kind,
    sightings: sightings.map((one) => [
      one.cluster,
      one.incarnation,
      one.session,
      one.announcedSeq ?? -1,
      one.isConnected,
    ]),
    rejections: rejections.map(({ cluster, row: { placement, version, code, text } }) => [
      cluster,
      placement,
      version.epoch,
      version.seq,
      code,
      text.slice(0, limits.reasonTextMax),
    ]),
  };
}

/** Reads a message; the error says what is wrong with it. Only hub processes may publish there: a bad one is of another version. */
export function parseGossip(value: unknown): Result<GossipMessage, string> {
  if (!isObject(value)) return err('it is not an object');
  const { format, process: name, no, kind, sightings, rejections } = value;
  if (format !== formatNow) return err(`it has format ${String(format)}, this hub knows ${formatNow}`);
  if (typeof name !== 'string' || name === '' || name.length > limits.frameNameMax)
    return err('process is not a name');
  if (!isCount(no)) return err('no is not a number');
  if (kind !== 'hello' && kind !== 'news' && kind !== 'digest' && kind !== 'leaving')
    return err('kind is unknown');
  const seen = listOf(sightings, limits.gossipSightingsMax, parseSighting);
  if (seen === undefined) return err('sightings are malformed');
  const refused = listOf(rejections, limits.gossipRejectionsMax, parseRejection);
  if (refused === undefined) return err('rejections are malformed');
  return ok({ process: name, no, kind, sightings: seen, rejections: refused });
}

/** The refused rows of a message, together for each cluster. */
export function rejectedByCluster({
  rejections,
}: Pick<GossipMessage, 'rejections'>): ReadonlyMap<ClusterUid, readonly RejectedRow[]> {
  const all = new Map<ClusterUid, RejectedRow[]>();
  for (const { cluster, row } of rejections) {
    const rows = all.get(cluster);
    if (rows === undefined) all.set(cluster, [row]);
    else rows.push(row);
  }
  return all;
}

function parseSighting(value: readonly unknown[]): ToldSighting | undefined {
  const [cluster, incarnation, session, announced, isConnected] = value;
  const uid = uidOf(cluster);
  const isSound = isCount(incarnation) && isCount(session) && typeof isConnected === 'boolean';
  if (uid === undefined || !isSound) return undefined;
  if (announced !== -1 && !isCount(announced)) return undefined;
  const announcedSeq = announced === -1 ? undefined : announced;
  return { cluster: uid, incarnation, session, announcedSeq, isConnected };
}

function parseRejection(value: readonly unknown[]): ToldRejection | undefined {
  const [cluster, name, epoch, seq, code, text] = value;
  const uid = uidOf(cluster);
  const placement = typeof name === 'string' ? parsePlacementName(name) : undefined;
  if (uid === undefined || !placement?.ok || !isCount(epoch) || !isCount(seq)) return undefined;
  if (typeof text !== 'string' || text.length > limits.reasonTextMax) return undefined;
  const known = rejectionCodes.find((one): one is RejectionCode => one === code) ?? 'UNKNOWN';
  return {
    cluster: uid,
    row: { placement: placement.value, version: { epoch, seq }, code: known, text },
  };
}

/** Every item read, or undefined when one is malformed or there are too many. */
function listOf<Item>(
  value: unknown,
  itemsMax: number,
  parse: (item: readonly unknown[]) => Item | undefined,
): readonly Item[] | undefined {
  if (!Array.isArray(value) || value.length > itemsMax) return undefined;
  const items: Item[] = [];
  for (const one of value) {
    const item = Array.isArray(one) ? parse(one) : undefined;
    if (item === undefined) return undefined;
    items.push(item);
  }
  return items;
}

function uidOf(value: unknown): ClusterUid | undefined {
  const uid = typeof value === 'string' ? parseClusterUid(value) : undefined;
  return uid?.ok ? uid.value : undefined;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
