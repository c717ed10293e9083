import type { PlacementName } from '@flotilla/shared/base';
import type { AssignmentReport } from '@flotilla/shared/model';
import type { AgentEngine, RepositoryFiles } from '../real/agent-engine/index.ts';
import { releaseName } from './reference.ts';

const placement = releaseName as PlacementName;

/** One row after the other, each to its end. */
export interface Steps {
  bring(wanted: {
    readonly files: RepositoryFiles;
    readonly path: string;
    readonly namespace: string;
  }): Promise<AssignmentReport>;
  restart(): Promise<AssignmentReport>;
}

/** An engine that is given one row at a time. */
export function stepsOf(engine: AgentEngine): Steps {
  let seq = 0;
  return {
    async bring(wanted) {
      seq += 1;
      await engine.assign({ ...wanted, placement, seq });
      return await engine.atRest({ placement, seq });
    },
    async restart() {
      await engine.restart();
      return await engine.atRest({ placement, seq });
    },
  };
}
