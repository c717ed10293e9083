import { type ItemKind, shownStates } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { smallFleet } from '../../../../../test/fakes/hub-api/index.ts';
import { fieldNames, fieldOf, parseFieldSelector, parseLabelSelector } from './item-fields.ts';

function mistakeIn(kind: ItemKind, text: string): string {
  const read = parseFieldSelector(kind, text);
  return read.ok ? '' : read.error;
}

describe('a field selector', () => {
  it('knows every state, and names the one that was meant', () => {
    for (const state of shownStates) expect(mistakeIn('clusters', `state=${state}`)).toBe('');
    expect(mistakeIn('clusters', 'state!=Redy')).toContain('did you mean Ready?');
    expect(mistakeIn('rollouts', 'state=Halted')).toBe('');
    expect(mistakeIn('clusters', 'state=Halted')).toContain('"Halted" is no state');
  });

  it('refuses a field that the kind does not have, and names the near one', () => {
    expect(mistakeIn('assignments', 'placment=x')).toContain('did you mean placement?');
    expect(mistakeIn('clusters', 'placement=x')).toContain('clusters have no field "placement"');
  });

  it('can ask for every field of every kind', () => {
    const api = smallFleet();
    for (const kind of ['clusters', 'placements', 'assignments', 'rollouts'] as const) {
      const [item] = [...api.items(kind, {})];
      for (const name of fieldNames(kind)) {
        expect(['string', 'undefined']).toContain(typeof fieldOf(kind, item!, name));
      }
      expect(fieldOf(kind, item!, 'name')).toBe(item!.metadata.name);
    }
  });
});

describe('a label selector', () => {
  it('is for clusters and assignments alone', () => {
    expect(parseLabelSelector('clusters', 'env=prod').ok).toBe(true);
    expect(parseLabelSelector('assignments', 'env=prod').ok).toBe(true);
    expect(parseLabelSelector('placements', '').ok).toBe(true);
    const refused = parseLabelSelector('placements', 'env=prod');
    expect(refused.ok ? '' : refused.error).toContain('placements have no labels: select by fields (name,');
  });
});
