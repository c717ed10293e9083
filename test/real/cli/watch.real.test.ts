import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { clusterItem, smallFleet } from '../../fakes/hub-api/index.ts';
import { type BuiltCli, buildCli, type CliWorld, type RunningCli, startCliWorld } from './cli-world.ts';

let built: BuiltCli;
let world: CliWorld;

beforeAll(async () => {
  built = await buildCli();
});

afterAll(() => built[Symbol.asyncDispose]());

beforeEach(async () => {
  world = await startCliWorld(built);
});

afterEach(() => world[Symbol.asyncDispose]());

const shows = (text: string) => (running: RunningCli) => running.stdout.includes(text);
const says = (text: string) => (running: RunningCli) => running.stderr.includes(text);

function lines({ stdout }: RunningCli): readonly string[] {
  return stdout.trimEnd().split('\n');
}

describe('get -w', () => {
  it('prints the list, then one line for each item that looks different, and ends with 130 on Ctrl-C', async () => {
    const watching = world.start('get', 'clusters', '-w');
    await watching.until(shows('us-2  Ready'));
    expect(lines(watching)).toHaveLength(5);

    world.api.put('clusters', clusterItem('eu-1', { labels: { env: 'prod', region: 'eu' } }));
    world.api.put('clusters', clusterItem('us-1', { labels: { env: 'prod', region: 'us' } }));
    await watching.until(shows('us-1  Ready       1/1  live'));
    world.api.drop('clusters', 'us-2');
    await watching.until(shows('us-2  (gone)'));

    expect(lines(watching)).toHaveLength(7);
    expect(await watching.interrupt()).toBe(130);
  });

  it('follows one item, and what leaves the selectors', async () => {
    const one = world.start('get', 'clusters', 'eu-1', '-w');
    const bad = world.start('get', 'clusters', '--field', 'state!=Ready', '-w');
    await one.until(shows('eu-1  Ready'));
    await bad.until(shows('us-1  Unknown'));

    world.api.put('clusters', clusterItem('us-1'));
    world.api.put('clusters', clusterItem('eu-1', { state: 'Stalled' }));
    await one.until(shows('eu-1  Stalled'));
    await bad.until(shows('us-1  (gone, or no longer selected)'));

    expect(bad.stdout).toContain('eu-1  Stalled');
    expect(one.stdout).not.toContain('us-1');
  });

  it('prints one JSON document on each line with -o json', async () => {
    const watching = world.start('get', 'clusters', '-w', '-o', 'json');
    await watching.until((running) => lines(running).length >= 4);
    world.api.put('clusters', clusterItem('eu-9'));
    world.api.drop('clusters', 'eu-1');
    await watching.until((running) => lines(running).length >= 6);

    const documents = lines(watching).map((line) => JSON.parse(line));
    expect(documents.slice(0, 4).map(({ object }) => object.metadata.name)).toEqual([
      'eu-1',
      'eu-2',
      'us-1',
      'us-2',
    ]);
    expect(documents[4]).toMatchObject({ type: 'changed', object: { metadata: { name: 'eu-9' } } });
    expect(documents[5]).toEqual({ type: 'gone', kind: 'clusters', name: 'eu-1' });
  });

  it('says when the hub goes away, and shows only what changed once it is back', async () => {
    const watching = world.start('get', 'clusters', '-w');
    await watching.until(shows('us-2  Ready'));
    await world.stop();
    await watching.until(says('cannot reach the hub'));
    expect(watching.stderr).toContain('everything above is as of then; trying again');

    // Another process: it knows nothing of the sequence that was reached.
    const after = smallFleet();
    after.put('clusters', clusterItem('eu-2', { labels: { env: 'prod', region: 'eu' } }));
    after.drop('clusters', 'us-2');
    await world.serve(after);
    await watching.until(shows('us-2  (gone)'));

    expect(watching.stderr).toContain('the hub is back');
    expect(
      lines(watching)
        .slice(5)
        .map((line) => line.replaceAll(/ +/g, ' ')),
    ).toEqual(['eu-2 Ready 1/1 live', 'us-2 (gone)']);
  });

  it('ends when the hub refuses', async () => {
    const watching = world.start('get', 'clusters', '-w', '--field', 'state=Red');
    expect(await watching.ended()).toBe(2);
    expect(watching.stderr).toContain('"Red" is no state');
  });
});
