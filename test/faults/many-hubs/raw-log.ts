import type { Bus } from '@flotilla/shared/kit/nats';

/** An event as the NATS server has it: read by nothing of the hub's own code. */
export interface RawEvent {
  readonly seq: number;
  readonly subject: string;
  readonly id: string;
  readonly expectedSeq: number;
  readonly actor: { readonly process?: string };
  readonly payload: {
    readonly kind: string;
    readonly rollout?: string;
    readonly wave?: number;
    readonly clusters?: readonly string[];
    readonly targets?: { readonly [uid: string]: unknown };
    readonly takes?: Share;
    readonly frees?: readonly Share[];
    readonly failure?: string;
    readonly rolloutKind?: string;
  };
}

interface Share {
  readonly rollout: string;
  readonly clusters: readonly string[];
}

const stream = 'FLOTILLA_DECISIONS';

/** Every event of the log, asked of the stream one by one. */
export async function readRawLog(bus: Bus): Promise<readonly RawEvent[]> {
  const info = await ask(bus, `$JS.API.STREAM.INFO.${stream}`, '');
  // The server's documented answers.
  const { state } = info as { readonly state: { readonly last_seq: number } };
  const events: RawEvent[] = [];
  for (let seq = 1; seq <= state.last_seq; seq += 1) {
    const { message } = (await ask(bus, `$JS.API.STREAM.MSG.GET.${stream}`, JSON.stringify({ seq }))) as {
      readonly message: { readonly subject: string; readonly data: string };
    };
    const event = JSON.parse(Buffer.from(message.data, 'base64').toString('utf8')) as Omit<
      RawEvent,
      'seq' | 'subject'
    >;
    events.push({ ...event, seq, subject: message.subject });
  }
  return events;
}

async function ask(bus: Bus, subject: string, data: string): Promise<unknown> {
  const answer = await bus.request({ subject, data, timeoutMs: 10_000 }, AbortSignal.timeout(12_000));
  return JSON.parse(new TextDecoder().decode(answer.data));
}

/** What the log says, and which rules it breaks. */
export interface LogJudgement {
  readonly broken: readonly string[];
  readonly events: number;
  readonly waves: number;
  readonly rollouts: number;
  readonly succeeded: number;
  readonly changingMost: number;
  readonly deciders: number;
  readonly clusterFailures: number;
}

/**
 * Recomputes from the raw events: nothing was written out of order or twice, every wave was opened once and in order and only
 * after the one before had passed, no cluster was started without a token, and no more changed at once than the cap says.
 */
export function judgeLog(events: readonly RawEvent[], changingMax: number): LogJudgement {
  const budget = new TokenCount(changingMax);
  const waves = new WaveOrder();
  const broken = [
    ...orderProblems(events),
    ...events.flatMap((event) => [...waves.take(event), ...budget.take(event)]),
  ];
  const kinds = (kind: string) => events.filter((event) => event.payload.kind === kind).length;
  return {
    broken,
    events: events.length,
    waves: kinds('wave-opened'),
    rollouts: kinds('rollout-planned'),
    succeeded: kinds('rollout-succeeded'),
    changingMost: budget.most,
    deciders: new Set(events.flatMap((event) => event.actor.process ?? [])).size,
    clusterFailures: kinds('cluster-failed'),
  };
}

function orderProblems(events: readonly RawEvent[]): readonly string[] {
  const last = new Map<string, number>();
  const ids = new Set<string>();
  const problems: string[] = [];
  for (const { expectedSeq, id, seq, subject } of events) {
    const before = last.get(subject) ?? 0;
    if (expectedSeq !== before)
      problems.push(`event ${seq} of ${subject} expects ${expectedSeq}, but ${before} was there`);
    if (ids.has(id)) problems.push(`event ${seq} has the id of an earlier one`);
    ids.add(id);
    last.set(subject, seq);
  }
  return problems;
}

/** Where each rollout stands, by its waves. */
class WaveOrder {
  readonly #opened = new Map<string, number>();
  readonly #passed = new Map<string, number>();

  take({ payload, seq }: RawEvent): readonly string[] {
    const { kind, rollout = '', wave = 0 } = payload;
    const opened = this.#opened.get(rollout) ?? -1;
    const passed = this.#passed.get(rollout) ?? -1;
    if (kind === 'wave-passed') {
      this.#passed.set(rollout, wave);
      return wave === opened
        ? []
        : [`event ${seq}: wave ${wave} of ${rollout} passes, wave ${opened} is open`];
    }
    if (kind !== 'wave-opened') return [];
    this.#opened.set(rollout, wave);
    if (wave !== opened + 1) return [`event ${seq}: wave ${wave} of ${rollout} opens after wave ${opened}`];
    return passed === opened
      ? []
      : [`event ${seq}: wave ${wave} of ${rollout} opens before wave ${opened} passed`];
  }
}

/** Which clusters change, by the tokens; those of a rollback are counted but held by nothing. */
class TokenCount {
  most = 0;
  readonly #max: number;
  readonly #held = new Map<string, Set<string>>();
  readonly #exempt = new Set<string>();
  #owed: { readonly rollout: string; readonly clusters: readonly string[]; readonly seq: number } | undefined;

  constructor(max: number) {
    this.#max = max;
  }

  take({ payload, seq }: RawEvent): readonly string[] {
    const { kind, rollout = '' } = payload;
    const problems: string[] = [];
    if (this.#owed !== undefined && kind !== 'budget-changed')
      problems.push(`event ${this.#owed.seq} started clusters of ${this.#owed.rollout} without tokens`);
    if (kind === 'rollout-planned' && payload.rolloutKind === 'rollback') this.#exempt.add(rollout);
    if (kind === 'budget-changed') problems.push(...this.#change(payload, seq));
    this.#owed = undefined;
    const started =
      kind === 'clusters-admitted' ? Object.keys(payload.targets ?? {}) : (payload.clusters ?? []);
    const isStart = kind === 'wave-opened' || kind === 'clusters-started' || kind === 'clusters-admitted';
    if (isStart && started.length > 0) this.#owed = { rollout, clusters: started, seq };
    return problems;
  }

  #change({ frees = [], takes }: RawEvent['payload'], seq: number): readonly string[] {
    for (const free of frees) for (const uid of free.clusters) this.#held.get(free.rollout)?.delete(uid);
    const held = this.#held.get(takes?.rollout ?? '') ?? new Set<string>();
    for (const uid of takes?.clusters ?? []) held.add(uid);
    this.#held.set(takes?.rollout ?? '', held);
    const problems: string[] = [];
    if (this.#owed?.rollout === takes?.rollout) {
      const missing = this.#owed?.clusters.filter((uid) => !held.has(uid)) ?? [];
      if (missing.length > 0)
        problems.push(`event ${seq} takes no token for ${missing.length} clusters that just started`);
    }
    const changing = new Set([...this.#held.values()].flatMap((clusters) => [...clusters]));
    this.most = Math.max(this.most, changing.size);
    const isExempt = this.#exempt.has(takes?.rollout ?? '');
    if (changing.size > this.#max && !isExempt)
      problems.push(`event ${seq}: ${changing.size} clusters change, ${this.#max} may`);
    return problems;
  }
}
