import type { AgentFrame, Assignment, HubFrame, Removal } from '@flotilla/proto/assignment';

type HubCase = NonNullable<HubFrame['frame']>['$case'];
/** The value of one kind of hub frame. */
export type HubValue<Case extends HubCase> = Extract<
  NonNullable<HubFrame['frame']>,
  { readonly $case: Case }
>['value'];

/** What a script does to the hub under test. */
export interface HubChange {
  /** Rows that the hub wants on the cluster from now on. */
  readonly rows?: readonly (Assignment | Removal)[];
  readonly ready?: boolean;
  readonly registered?: boolean;
  /** Last sequence that the process has folded. */
  readonly folded?: number;
  /** Where the decision log ends. */
  readonly logEnd?: number;
  /** Newest report that the hub has folded. */
  readonly report?: { readonly incarnation: number; readonly seq: number };
  /** The process is told to stop. */
  readonly stop?: boolean;
}

/** What a script expects of the next frame; heartbeats are passed over unless one is expected. */
export type Hearing = {
  readonly [Case in HubCase]: {
    readonly hear: Case;
    /** Throws, or returns what was expected and did not come. */
    readonly that?: (value: HubValue<Case>) => string | undefined;
  };
}[HubCase];

/** One step of a script; `on` names the stream, 'a' unless said. */
export type HubStep = { readonly on?: string } & (
  | { readonly say: AgentFrame }
  | { readonly sayBytes: Uint8Array }
  | Hearing
  /** The stream ends with this gRPC status. */
  | { readonly ends: string }
  | { readonly hub: HubChange }
  /** Time passes at the hub without a word from the agent. */
  | { readonly silence: number }
  /** Time passes while the agent says this every few seconds. */
  | { readonly beating: number; readonly beat: AgentFrame }
  | { readonly leave: true }
  /** Something that the hub told its world. */
  | { readonly told: string }
);

/** One script against a hub: which rule it is about, how the hub stands, and what is said. */
export interface HubScript {
  /** Section of PROTOCOL.md. */
  readonly rule: string;
  readonly name: string;
  readonly start?: HubChange;
  readonly streamsPerSecond?: number;
  readonly steps: readonly HubStep[];
}
