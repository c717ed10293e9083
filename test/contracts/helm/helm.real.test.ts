import { openHelm } from '@flotilla/agent/io/render';
import { describe } from 'vitest';
import { findTool } from '../../tools/index.ts';
import { helmContract } from './suite.ts';

describe('the helm binary', () => {
  helmContract(async () => openHelm({ program: (await findTool('helm')).path }));
});
