import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ControlSide } from '../../real/control-side/index.ts';
import { MemberCluster } from '../../real/member-cluster/index.ts';

/** Which clusters a world has. */
export interface WorldOptions {
  readonly clusters: readonly {
    readonly name: string;
    readonly labels: { readonly [key: string]: string };
  }[];
  /** Folder whose files are the control repository's first commit; default: the example fleet. */
  readonly seed?: string;
  /** Settings of the hub by flag name, added to or instead of those of the control side. */
  readonly hubSettings?: Readonly<Record<string, string | undefined>>;
  /** Started first, with the world's folder, and ended last: what the hub is told to use. */
  readonly beside?: (folder: string) => Promise<Beside>;
}

/** A part of a world that the hub is told of by settings. */
export interface Beside extends AsyncDisposable {
  readonly hubSettings: Readonly<Record<string, string | undefined>>;
}

/** Everything of a journey: Git server, hub, and real control planes whose agents have joined by the pasted line. */
export class World implements AsyncDisposable {
  readonly control: ControlSide;
  readonly members: readonly MemberCluster[];
  readonly #stack: AsyncDisposableStack;

  private constructor(control: ControlSide, members: readonly MemberCluster[], stack: AsyncDisposableStack) {
    this.control = control;
    this.members = members;
    this.#stack = stack;
  }

  /** Starts all; resolves when every agent runs. Ends what it started when a part fails. */
  static async start({ clusters, seed, hubSettings = {}, beside }: WorldOptions): Promise<World> {
    await using stack = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), 'flotilla-e2e-'));
    stack.defer(() => removeFolder(folder));
    const part = beside && stack.use(await beside(folder));
    const settings = { ...hubSettings, ...part?.hubSettings };
    const control = stack.use(
      await ControlSide.start({ folder, hubSettings: settings, ...(seed && { seed }) }),
    );
    const members: MemberCluster[] = [];
    // One after the other: a control plane that starts takes a core for itself.
    for (const cluster of clusters)
      members.push(stack.use(await MemberCluster.start({ ...cluster, folder })));
    for (const member of members) {
      await member.startAgent(await control.client.joinLine(member.name, member.labels));
    }
    return new World(control, members, stack.move());
  }

  /** The member of a name. */
  member(name: string): MemberCluster {
    const member = this.members.find((one) => one.name === name);
    if (member === undefined) throw new Error(`this world has no cluster ${name}`);
    return member;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

/** FLOTILLA_E2E_KEEP names a folder that logs and state folders are copied to, for a person who looks for a cause. */
async function removeFolder(folder: string): Promise<void> {
  const keep = process.env['FLOTILLA_E2E_KEEP'];
  if (keep !== undefined) await cp(folder, keep, { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
}
