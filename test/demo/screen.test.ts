import { describe, expect, test } from 'vitest';
import { drawScene, nextCommands } from './screen.ts';

const nothing = { clusters: [], placements: [], assignments: [], commit: 'c'.repeat(40) };
const about = { apiUrl: 'http://127.0.0.1:1', dataDir: '/d', offline: 'us-1' };

describe('the screen', () => {
  test('says SIMULATED for simulated clusters only', () => {
    const [simulated, real] = [true, false].map((isSimulated) =>
      drawScene(nothing, { isSimulated, withColour: false }),
    );

    expect(simulated).toContain('SIMULATED');
    expect(real).not.toContain('SIMULATED');
    expect(real).toContain('real control planes');
  });

  test('says that the hub does not answer instead of showing old states', () => {
    expect(drawScene(undefined, { isSimulated: true, withColour: false })).toContain(
      'the hub does not answer',
    );
  });

  test('says what is left behind at the end, and which cluster goes offline by default', () => {
    expect(nextCommands({ ...about, keep: undefined })).toContain('removes everything');
    expect(nextCommands({ ...about, keep: '/kept' })).toContain('--keep /kept');
    expect(nextCommands({ ...about, keep: undefined })).toContain('us-1');
  });
});
