import type { PlacementName } from '@flotilla/shared/base';
import type { Row } from '@flotilla/shared/model';
import { removalRow, rowOf } from '../../real/agent-engine/index.ts';
import { type Application, textOf } from './application.ts';
import type { AssigningSide } from './assigning-side.ts';
import type { Contender, Started } from './contender.ts';

/** The agent: one assignment for each application. */
export class ByAgent implements Contender {
  readonly name: string;
  readonly namespace: string;
  readonly #side: AssigningSide;
  readonly #rows: Map<PlacementName, Row>;
  readonly #mode: 'bestEffort' | 'atomic';

  /** `rows`: all that is assigned on the cluster, shared by those that assign. */
  constructor(
    side: AssigningSide,
    about: {
      readonly name: string;
      readonly mode: 'bestEffort' | 'atomic';
      readonly rows: Map<PlacementName, Row>;
    },
  ) {
    this.name = about.name;
    this.namespace = `bench-${about.name}`;
    this.#side = side;
    this.#rows = about.rows;
    this.#mode = about.mode;
  }

  async bring(applications: readonly Application[]): Promise<Started> {
    const { namespace } = this;
    const files: Record<string, string> = {};
    for (const one of applications) files[`apps/${this.name}-${one.name}/all.yaml`] = textOf(one);
    const commit = await this.#side.commit(files);
    const trees = await this.#side.treesAt(commit);
    const wanted = new Set<PlacementName>();
    const changed: PlacementName[] = [];
    for (const one of applications) {
      const placement = `${this.name}-${one.name}` as PlacementName;
      const path = `apps/${placement}`;
      const treeId = trees.get(placement);
      if (treeId === undefined) throw new Error(`${path} is not in the commit`);
      wanted.add(placement);
      const before = this.#rows.get(placement);
      const isSame = before?.kind === 'assignment' && before.variant.content.trees[0]?.treeId === treeId;
      if (isSame) continue;
      const seq = nextSeq();
      const { repositoryUrl } = this.#side;
      const content = { commit, trees: [{ path, treeId }], repositoryUrl };
      this.#rows.set(placement, rowOf({ placement, namespace, seq, mode: this.#mode, ...content }));
      changed.push(placement);
    }
    for (const [placement, row] of this.#rows) {
      const isMine = placement.startsWith(`${this.name}-app-`);
      if (!isMine || wanted.has(placement) || row.kind === 'removal') continue;
      this.#rows.set(placement, removalRow({ placement, commit, seq: nextSeq() }));
      changed.push(placement);
    }
    const said = this.#untilSaid(changed);
    return { startedMs: this.#side.assign(this.#rows), said };
  }

  /** Takes the ended rows out, as a hub does when an agent has said Removed. */
  forgetRemoved(): void {
    for (const [placement, row] of this.#rows) if (row.kind === 'removal') this.#rows.delete(placement);
    this.#side.assign(this.#rows);
  }

  /** When the bus has brought that all changed rows are Ready or Removed. */
  async #untilSaid(changed: readonly PlacementName[]): Promise<number> {
    const versions = new Map(changed.map((name) => [name, this.#rows.get(name)?.version.seq ?? 0]));
    let last = '';
    return await this.#side.untilReport(
      ({ assignments }) => {
        const open = new Set(changed);
        for (const one of assignments) {
          const isNewest = one.version.seq === versions.get(one.placement);
          if (isNewest && (one.state === 'Ready' || one.state === 'Removed')) open.delete(one.placement);
        }
        const [first] = open;
        last = JSON.stringify(assignments.find((one) => one.placement === first));
        return open.size === 0;
      },
      () => `the agent does not get ready: ${last}`,
    );
  }
}

let seq = 1;

function nextSeq(): number {
  seq += 1;
  return seq;
}
