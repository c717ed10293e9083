import { describe, expect, it } from 'vitest';
import { jsonSchemas } from './kinds.ts';

describe('jsonSchemas', () => {
  it('gives a closed schema for every kind, from the definitions that the parser uses', () => {
    const schemas = jsonSchemas();
    expect(Object.keys(schemas)).toEqual([
      'Placement',
      'RolloutStrategy',
      'FleetPolicy',
      'ChangeWindow',
      'Source',
      'ClusterGroup',
      'Cluster',
      'Check',
      'PlacementTest',
    ]);
    expect(schemas['Placement']).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      additionalProperties: false,
      required: ['apiVersion', 'kind', 'metadata', 'spec'],
      properties: {
        apiVersion: { const: 'flotilla.dev/v1alpha1' },
        spec: { additionalProperties: false, required: ['source', 'clusters'] },
      },
    });
  });
});
