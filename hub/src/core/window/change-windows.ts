import { type ClusterUid, plural } from '@flotilla/shared/base';
import type { Cluster } from '@flotilla/shared/model';
import type { LocatedError } from '../fleet-spec/index.ts';
import { CelReader, factRulesOf, mayMatch } from '../placement/index.ts';
import { type Schedule, scheduleOf, utcText } from '../schedule/index.ts';
import { type Opening, openingAt } from './openings.ts';
import type { WindowRule } from './window-rules.ts';

/** What begins: what somebody called urgent is not held by windows that exempt it. A rollback is never asked about. */
export type StartKind = 'normal' | 'urgent';

/** A change window that is closed for a cluster. */
export interface ClosedWindow {
  /** Which one and until when, as the end of a sentence. */
  readonly text: string;
  /** When the next change may begin; undefined = not by anything that is known. */
  readonly opensAtMs: number | undefined;
}

/** The change windows of a fleet. */
export interface ChangeWindows {
  readonly rules: readonly WindowRule[];
  /** Whom they are about depends on what clusters say of themselves. */
  readonly readFacts: boolean;
  /** Why nothing of a kind may begin on a cluster now; undefined = it may. */
  readonly closedFor: (cluster: Cluster, kind: StartKind, nowMs: number) => ClosedWindow | undefined;
  /** Those of some clusters on which windows leave no room for a change, as far as one looks. */
  readonly withoutRoom: (clusters: readonly Cluster[], nowMs: number) => WithoutRoom;
}

/** Clusters on which no change can begin, by uid, with the window to name. Usually empty. */
export type WithoutRoom = ReadonlyMap<ClusterUid, Stuck>;

interface Stuck {
  readonly cluster: Cluster;
  readonly rule: WindowRule;
  readonly lookedUntilMs: number;
}

/** What is known of the windows of some clusters, from one moment until another. */
interface Known {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly closed: Closed | undefined;
}

interface Closed extends ClosedWindow {
  readonly rule: WindowRule;
  /** Nobody can say whether it opens, or it does not as far as one looks. */
  readonly lookedUntilMs: number;
}

/**
 * Judges windows, and remembers what it found until that changes: clusters with the same windows cost one look at the
 * calendar. The answers are those of a look each time.
 */
export function changeWindows(rules: readonly WindowRule[]): ChangeWindows {
  const memory = new Map<string, Known>();
  const reader = new CelReader();
  const look = (cluster: Cluster, kind: StartKind, nowMs: number): Closed | undefined => {
    const about = rules.filter((rule) => !isExempt(rule, kind) && mayBeAbout(rule, cluster, reader));
    if (about.length === 0) return undefined;
    const key = JSON.stringify(about.map(({ name }) => name));
    const before = memory.get(key);
    if (before !== undefined && before.fromMs <= nowMs && nowMs < before.untilMs) return before.closed;
    const known = judge(about, nowMs);
    memory.set(key, known);
    return known.closed;
  };
  return {
    rules,
    readFacts: rules.some(
      ({ selector }) => selector !== undefined && factRulesOf(selector, reader).length > 0,
    ),
    closedFor: (cluster, kind, nowMs) => {
      const closed = look(cluster, kind, nowMs);
      return closed && { text: closed.text, opensAtMs: closed.opensAtMs };
    },
    withoutRoom: (clusters, nowMs) => {
      const found: [ClusterUid, Stuck][] = [];
      if (rules.length === 0) return new Map();
      for (const cluster of clusters) {
        const closed = look(cluster, 'normal', nowMs);
        const isStuck = closed !== undefined && closed.opensAtMs === undefined;
        if (isStuck && closed.rule.mistakes.length === 0)
          found.push([cluster.uid, { cluster, rule: closed.rule, lookedUntilMs: closed.lookedUntilMs }]);
      }
      return new Map(found);
    },
  };
}

/** The mistake that clusters without room are, of those that a placement goes to; one for each window. */
export function roomMistakes(
  without: WithoutRoom,
  clusters: readonly Cluster[],
  placement: string,
): readonly LocatedError[] {
  if (without.size === 0) return [];
  const stuck = clusters.flatMap(({ uid }) => without.get(uid) ?? []);
  return [...Map.groupBy(stuck, ({ rule }) => rule)].map(([rule, held]) => noRoom(rule, held, placement));
}

function isExempt({ exempt, mistakes }: WindowRule, kind: StartKind): boolean {
  return kind === 'urgent' && exempt.includes('urgent') && mistakes.length === 0;
}

/** A cluster of which facts do not say whether a window is about it is held by it (shared/adr/0025). */
function mayBeAbout({ selector }: WindowRule, cluster: Cluster, reader: CelReader): boolean {
  return selector === undefined || mayMatch(selector, cluster, reader);
}

function judge(about: readonly WindowRule[], nowMs: number): Known {
  const denies = about.filter(({ mode }) => mode === 'deny');
  const allows = about.filter(({ mode }) => mode === 'allow');
  const unreadable = about.find((rule) => whyUnreadable(rule) !== undefined);
  if (unreadable !== undefined) {
    const why = whyUnreadable(unreadable);
    const text = `change window ${unreadable.name}, which cannot be kept: ${why}`;
    const closed = { rule: unreadable, text, opensAtMs: undefined, lookedUntilMs: nowMs };
    return { fromMs: nowMs, untilMs: Number.POSITIVE_INFINITY, closed };
  }
  const schedules = { denies: denies.flatMap(known), allows: allows.flatMap(known) };
  const opening = openingAt(schedules, nowMs);
  const { untilMs } = opening;
  if (opening.kind === 'open') return { fromMs: nowMs, untilMs, closed: undefined };
  const { by, lookedUntilMs, opensAtMs } = opening;
  const [first] = about;
  const rule = (by.mode === 'deny' ? denies : allows)[by.index] ?? first;
  const closed = rule && { rule, text: closedText(rule, opening), opensAtMs, lookedUntilMs };
  return { fromMs: nowMs, untilMs, closed };
}

function whyUnreadable({ mistakes, schedule }: WindowRule): string | undefined {
  const read = scheduleOf(schedule);
  return mistakes[0]?.text ?? (read.ok ? undefined : read.error);
}

function known({ schedule }: WindowRule): readonly Schedule[] {
  const read = scheduleOf(schedule);
  return read.ok ? [read.value] : [];
}

function closedText(
  { name }: WindowRule,
  { lookedUntilMs, opensAtMs }: Extract<Opening, { kind: 'closed' }>,
) {
  return opensAtMs === undefined
    ? `change window ${name}, which with the others leaves no room until ${utcText(lookedUntilMs)}`
    : `change window ${name}, opens ${utcText(opensAtMs)}`;
}

function noRoom({ at, mode, name }: WindowRule, held: readonly Stuck[], placement: string): LocatedError {
  const [first] = held;
  const until = utcText(first?.lookedUntilMs ?? 0);
  const some = `${plural(held.length, 'cluster')} of placement ${placement}, such as ${first?.cluster.name}`;
  const text = `ChangeWindow ${name} (${mode}) leaves, with the other windows there, no room for a change before ${until} on ${some}; give them a time at which one that allows is on and none that denies`;
  return { ...at, code: 'CONTRADICTION', text, document: { kind: 'ChangeWindow', name } };
}
