import type { Random } from '@flotilla/shared/base';
import type { Schedule } from './schedule.ts';

/** What one end of a link sees. */
export interface LinkEnd {
  receive(bytes: Uint8Array): void;
  /** The other side or the network ended it; nothing comes after this. */
  down(): void;
}

/** One connection between an agent and a hub process: bytes arrive in order, late, or not at all. */
export interface Link {
  sendToHub(bytes: Uint8Array): void;
  sendToAgent(bytes: Uint8Array): void;
  /** Ends it in order: what was sent arrives first. */
  closeFromHub(): void;
  closeFromAgent(): void;
  /** The network breaks: each side learns it at its own time, and what is still on the way may be lost. */
  cut(): void;
}

/** How bad the network is. */
export interface Weather {
  delayMs: number;
  /** Chance that one frame vanishes although the stream lives on; a transport never does that, a broken proxy may. */
  lossChance: number;
  /** Chance that one frame comes twice. */
  repeatChance: number;
}

interface Direction {
  readonly to: LinkEnd;
  isOpen: boolean;
  lastArrivalMs: number;
}

/** Connects two ends. */
export function makeLink(
  ends: { readonly agent: LinkEnd; readonly hub: LinkEnd },
  world: { readonly schedule: Schedule; readonly random: Random; readonly weather: Weather },
): Link {
  const { schedule, random, weather } = world;
  const toHub: Direction = { to: ends.hub, isOpen: true, lastArrivalMs: 0 };
  const toAgent: Direction = { to: ends.agent, isOpen: true, lastArrivalMs: 0 };

  function arrivalOf(direction: Direction): number {
    const atMs = schedule.nowMs + random.next() * weather.delayMs;
    direction.lastArrivalMs = Math.max(direction.lastArrivalMs, atMs);
    return direction.lastArrivalMs - schedule.nowMs;
  }
  function deliver(direction: Direction, bytes: Uint8Array): void {
    schedule.after(arrivalOf(direction), () => {
      if (direction.isOpen) direction.to.receive(bytes);
    });
  }
  function send(direction: Direction, bytes: Uint8Array): void {
    if (random.next() < weather.lossChance) return;
    deliver(direction, bytes);
    if (random.next() < weather.repeatChance) deliver(direction, bytes);
  }
  function end(direction: Direction, afterMs: number): void {
    schedule.after(afterMs, () => {
      if (!direction.isOpen) return;
      direction.isOpen = false;
      direction.to.down();
    });
  }

  return {
    sendToHub: (bytes) => send(toHub, bytes),
    sendToAgent: (bytes) => send(toAgent, bytes),
    closeFromHub() {
      toHub.isOpen = false;
      end(toAgent, arrivalOf(toAgent));
    },
    closeFromAgent() {
      toAgent.isOpen = false;
      end(toHub, arrivalOf(toHub));
    },
    cut() {
      end(toAgent, random.next() * weather.delayMs);
      end(toHub, random.next() * weather.delayMs * 20);
    },
  };
}
