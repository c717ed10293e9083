import type { Story } from './story.ts';

/** One case: what it asks a cluster for, step by step. Its name is a sentence of behaviour. */
export interface ContractCase {
  readonly name: string;
  readonly run: (story: Story) => Promise<void>;
}

/** Cases of one area, recorded in one file. */
export interface CaseGroup {
  readonly name: string;
  readonly needs: 'api-server' | 'controllers';
  readonly cases: readonly ContractCase[];
}
