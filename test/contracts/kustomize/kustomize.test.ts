import { describe } from 'vitest';
import { memoryKustomize } from '../../fakes/kustomize.ts';
import { kustomizeContract } from './suite.ts';

describe('kustomize in memory', () => {
  kustomizeContract(async () => memoryKustomize());
});
