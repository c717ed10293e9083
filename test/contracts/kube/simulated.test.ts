import { afterAll, describe, expect, it } from 'vitest';
import { allGroups } from './cases/index.ts';
import { readRecording } from './recordings.ts';
import { simulatedWorld } from './simulated-world.ts';
import { Story } from './story.ts';

describe.each(allGroups.map((group) => [group.name, group] as const))('%s', (_name, group) => {
  it.each(group.cases.map((one) => [one.name, one] as const))('%s', async (name, one) => {
    const world = simulatedWorld(group.needs);
    afterAll(() => world.close());
    const story = new Story(world);
    await story.begin();
    await one.run(story);
    const recording = await readRecording(group.name);
    expect(story.transcript()).toEqual(recording.cases.get(name));
    await world.close();
  });
});
