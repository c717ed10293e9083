import type { Json } from '@flotilla/shared/base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allGroups } from './cases/index.ts';
import { realWorld } from './real-world.ts';
import { isRecording, readRecording, writeRecording } from './recordings.ts';
import { Story } from './story.ts';
import type { ContractWorld, Needs } from './world.ts';

/**
 * The contract suite on a real API server. With FLOTILLA_RECORD=1 it writes what the server answers, which is what
 * every other adapter is compared with; without, it checks that the server still answers so.
 */
describe.each(['api-server', 'controllers'] satisfies Needs[])('on a real cluster (%s)', (needs) => {
  let world: ContractWorld | undefined;
  beforeAll(async () => {
    world = await realWorld(needs);
  });
  afterAll(async () => {
    await world?.close();
  });

  const groups = allGroups.filter((group) => group.needs === needs);
  describe.each(groups.map((group) => [group.name, group] as const))('%s', (_name, group) => {
    const answers = new Map<string, Json>();
    it.each(group.cases.map((one) => [one.name, one] as const))(
      '%s',
      { timeout: 100_000 },
      async (name, one) => {
        const story = new Story(world!);
        await story.begin();
        await one.run(story);
        answers.set(name, story.transcript());
        if (isRecording()) return;
        const recording = await readRecording(group.name);
        expect(story.transcript()).toEqual(recording.cases.get(name));
      },
    );
    afterAll(async () => {
      if (!isRecording() || answers.size !== group.cases.length) return;
      const serverVersion = await world!.port.serverVersion(AbortSignal.timeout(10_000));
      await writeRecording(group.name, { serverVersion, cases: answers });
    });
  });
});
