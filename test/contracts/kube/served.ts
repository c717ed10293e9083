import type { Story } from './story.ts';

/** Waits until the kind Zoo of a group is served: its definition is established and its objects can be listed. */
export async function untilServed(story: Story, group: string): Promise<void> {
  const kind = { group, version: 'v1', kind: 'Zoo' };
  await story.world.until(`objects of ${group}`, async () => {
    try {
      await story.port.list({ kind, namespace: story.namespace }, story.signal);
      return true;
    } catch {
      return false;
    }
  });
}
