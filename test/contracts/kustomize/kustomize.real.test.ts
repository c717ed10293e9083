import { openKustomize } from '@flotilla/agent/io/render';
import { describe } from 'vitest';
import { findTool } from '../../tools/index.ts';
import { kustomizeContract } from './suite.ts';

describe('the kustomize binary', () => {
  kustomizeContract(async () => openKustomize({ program: (await findTool('kustomize')).path }));
});
