import { describe } from 'vitest';
import { memoryHelm } from '../../fakes/helm.ts';
import { helmContract } from './suite.ts';

describe('helm in memory', () => {
  helmContract(async () => memoryHelm());
});
