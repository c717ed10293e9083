import { assert, assertNever, type Random, seededRandom } from '@flotilla/shared/base';
import type { Row } from '@flotilla/shared/model';
import { assignmentOf, helmVariantOf, removalOf, variantOf } from '../fleet.ts';
import { AgentNode } from './agent-node.ts';
import { checkConverged } from './converged.ts';
import { HubNode } from './hub-node.ts';
import { type Link, type LinkEnd, makeLink, type Weather } from './link.ts';
import { makeLog } from './log.ts';
import { makeSchedule, type Schedule } from './schedule.ts';

/** One thing that happens to the world. */
export type Happening =
  | { readonly kind: 'time'; readonly ms: number }
  | { readonly kind: 'assign'; readonly placement: number; readonly tree: number; readonly isHelm: boolean }
  | { readonly kind: 'remove'; readonly placement: number }
  | { readonly kind: 'fold'; readonly hub: number; readonly how: 'all' | 'some' }
  | { readonly kind: 'cut' }
  | { readonly kind: 'crash-agent' }
  | { readonly kind: 'start-agent' }
  | { readonly kind: 'crash-hub'; readonly hub: number }
  | { readonly kind: 'start-hub'; readonly hub: number }
  | { readonly kind: 'disk-full'; readonly isFull: boolean }
  | { readonly kind: 'weather'; readonly delayMs: number; readonly loss: number; readonly repeat: number };

/** An agent, two hub processes over one log, and a network between them. Everything is up at time 0. */
export class World {
  readonly log = makeLog();
  readonly hubs: readonly HubNode[];
  readonly agent: AgentNode;
  readonly #random: Random;
  readonly #schedule: Schedule;
  readonly #weather: Weather = { delayMs: 50, lossChance: 0, repeatChance: 0 };
  readonly #links = new Set<Link>();
  readonly #seen = new Map<string, Row>();

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.#schedule = makeSchedule(() => this.#checkDisk());
    const shared = { schedule: this.#schedule, random: this.#random };
    this.hubs = [0, 1].map(() => new HubNode({ ...shared, log: this.log }));
    this.agent = new AgentNode({ ...shared, dial: (end) => this.#dial(end) });
    for (const hub of this.hubs) hub.start();
    this.agent.start();
  }

  happen(what: Happening): void {
    switch (what.kind) {
      case 'time':
        this.#schedule.run(what.ms);
        break;
      case 'assign':
      case 'remove':
        this.log.append((seq) => rowOf(what, seq));
        break;
      case 'cut':
        for (const link of this.#links) link.cut();
        this.#links.clear();
        break;
      case 'weather':
        this.#weather.delayMs = what.delayMs;
        this.#weather.lossChance = what.loss;
        this.#weather.repeatChance = what.repeat;
        break;
      case 'disk-full':
        this.agent.isDiskFull = what.isFull;
        break;
      case 'crash-agent':
        this.agent.crash();
        break;
      case 'start-agent':
        if (this.agent.state === undefined) this.agent.start();
        break;
      case 'fold':
      case 'crash-hub':
      case 'start-hub':
        this.#happenAtHub(what, this.hubs[what.hub]);
        break;
      default:
        assertNever(what);
    }
  }

  /** Ends all faults, lets ten minutes pass and asserts that both ends hold the same. */
  settle(): void {
    this.happen({ kind: 'weather', delayMs: 50, loss: 0, repeat: 0 });
    this.happen({ kind: 'disk-full', isFull: false });
    for (const hub of [0, 1]) {
      this.happen({ kind: 'start-hub', hub });
      this.happen({ kind: 'fold', hub, how: 'all' });
    }
    this.happen({ kind: 'start-agent' });
    this.#schedule.run(600_000);
    // A stream that just ended by its age is back within seconds.
    for (let wait = 0; wait < 30 && this.agent.state?.isInStep !== true; wait += 1) this.#schedule.run(1_000);
    checkConverged(this);
  }

  #happenAtHub(what: Extract<Happening, { readonly hub: number }>, hub: HubNode | undefined): void {
    if (hub === undefined) return;
    if (what.kind === 'fold') hub.fold(what.how);
    else if (what.kind === 'crash-hub') hub.crash();
    else if (!hub.isAlive) hub.start();
  }

  #dial(end: LinkEnd): Link | undefined {
    const up = this.hubs.filter((hub) => hub.isAlive);
    const hubEnd = up[Math.floor(this.#random.next() * up.length)]?.accept();
    if (hubEnd === undefined) return undefined;
    const link = makeLink(
      { agent: end, hub: hubEnd },
      { schedule: this.#schedule, random: this.#random, weather: this.#weather },
    );
    hubEnd.use(link);
    this.#links.add(link);
    return link;
  }

  /** What was ever durable stays, or gives way to something newer. */
  #checkDisk(): void {
    const { disk } = this.agent;
    for (const placement of this.#seen.keys()) assert(disk.has(placement), 'nothing held ever vanishes');
    for (const [placement, row] of disk) this.#seen.set(placement, row);
  }
}

function rowOf(what: Extract<Happening, { readonly placement: number }>, seq: number): Row {
  const position = { placement: `p${what.placement}`, seq };
  if (what.kind === 'remove') return removalOf(position);
  const tree = `t${what.tree}`;
  return assignmentOf(position, what.isHelm ? helmVariantOf(tree) : variantOf(tree));
}
