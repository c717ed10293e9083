import type { StatusSink } from '@flotilla/agent/ports';
import type { Report } from '@flotilla/shared/model';
import { setDigest } from '@flotilla/shared/model';
import { expect, test } from 'vitest';
import { never } from '../never.ts';

/** One cluster's way to the bus and what a test may do to it. */
export interface StatusSinkWorld extends AsyncDisposable {
  /** The agent's sink; closed with the world. */
  open(): StatusSink;
  /** The number of the newest report that the hub has of this cluster; undefined = none. */
  newest(): Promise<number | undefined>;
  /** The bus is gone, kill -9, until it is brought back. What it stored stays. */
  takeAway(): Promise<void>;
  bringBack(): Promise<void>;
}

type MakeWorld = () => Promise<StatusSinkWorld>;

const patience = { timeout: 15_000, interval: 5 };

/** A report with nothing in it but its number. */
export function reportNumber(seq: number): Report {
  const facts = {
    kubernetes: 'v1.36.3',
    nodes: 1,
    agent: '0.1.0',
    isSimulated: false,
    fetchRungs: {},
    inventoryParent: 'ConfigMap',
    more: {},
  };
  return { incarnation: 1, seq, heldDigest: setDigest([]), assignments: [], facts, madeAtMs: 5, trimmed: [] };
}

/** Waits until the sink is connected, or is not. */
export async function connection(sink: StatusSink, wanted: boolean): Promise<void> {
  await expect.poll(() => sink.isConnected, patience).toBe(wanted);
}

/** The promises of the StatusSink port; run on the real adapter and on the fake. */
export function statusSinkContract(makeWorld: MakeWorld): void {
  test("a report that was published is the cluster's newest at the hub, and stays it while the bus is away", async () => {
    await using world = await makeWorld();
    const sink = world.open();
    await connection(sink, true);
    expect(await world.newest()).toBeUndefined();
    await sink.publish(reportNumber(1), never);
    await sink.publish(reportNumber(2), never);
    await expect.poll(world.newest, patience).toBe(2);
    await world.takeAway();
    await world.bringBack();
    await expect.poll(world.newest, patience).toBe(2);
    await connection(sink, true);
    await sink.publish(reportNumber(3), never);
    await expect.poll(world.newest, patience).toBe(3);
  });

  test('while the bus is away publishing says so, and the sink comes back by itself', async () => {
    await using world = await makeWorld();
    await world.takeAway();
    const sink = world.open();
    const away = { code: 'BUS_AWAY', retry: 'backoff' };
    await expect(sink.publish(reportNumber(1), never)).rejects.toMatchObject(away);
    expect(sink.isConnected).toBe(false);
    await world.bringBack();
    await connection(sink, true);
    await sink.publish(reportNumber(2), never);
    // The bus stores what it has taken a moment later; killed in between it has lost it.
    await expect.poll(world.newest, patience).toBe(2);
    await world.takeAway();
    await connection(sink, false);
    await expect(sink.publish(reportNumber(3), never)).rejects.toMatchObject(away);
    await world.bringBack();
    // What was refused is not sent later: its owner keeps the newest one and tries again.
    await connection(sink, true);
    await expect.poll(world.newest, patience).toBe(2);
  });

  test('an abort rejects with its reason, and nothing is sent', async () => {
    await using world = await makeWorld();
    const sink = world.open();
    await connection(sink, true);
    const reason = new Error('stop');
    await expect(sink.publish(reportNumber(1), AbortSignal.abort(reason))).rejects.toBe(reason);
    await sink.publish(reportNumber(2), never);
    await expect.poll(world.newest, patience).toBe(2);
  });

  test('a closed sink is not connected and takes nothing; closing it again is harmless', async () => {
    await using world = await makeWorld();
    const sink = world.open();
    await connection(sink, true);
    await sink.publish(reportNumber(1), never);
    await sink.close();
    expect(sink.isConnected).toBe(false);
    await expect(sink.publish(reportNumber(2), never)).rejects.toMatchObject({ code: 'BUS_AWAY' });
    await sink.close();
    await expect.poll(world.newest, patience).toBe(1);
  });

  test('a sink can be closed while it has no bus', async () => {
    await using world = await makeWorld();
    await world.takeAway();
    const sink = world.open();
    await sink.close();
    await expect(sink.publish(reportNumber(1), never)).rejects.toMatchObject({ code: 'BUS_AWAY' });
  });
}
