import type { AgentFrame, HubFrame } from '@flotilla/proto/assignment';

type AgentCase = NonNullable<AgentFrame['frame']>['$case'];
/** The value of one kind of agent frame. */
export type AgentValue<Case extends AgentCase> = Extract<
  NonNullable<AgentFrame['frame']>,
  { readonly $case: Case }
>['value'];

/** What a script does to the agent under test. */
export interface AgentChange {
  /** While true, nothing can be stored. */
  readonly diskFull?: boolean;
  /** While true, what is being stored stays unfinished. */
  readonly diskHangs?: boolean;
  /** Newest report made. */
  readonly reportSeq?: number;
  /** The report loop hands over a report of this sequence. */
  readonly sendReport?: number;
  /** The process is killed and started again on the same disk. */
  readonly restart?: boolean;
}

/** What a script expects of the next frame; heartbeats are passed over unless one is expected. */
export type AgentHearing = {
  readonly [Case in AgentCase]: {
    readonly hear: Case;
    /** Throws, or returns what was expected and did not come. */
    readonly that?: (value: AgentValue<Case>) => string | undefined;
  };
}[AgentCase];

/** One step of a script against an agent. There is one stream at a time. */
export type AgentStep =
  | { readonly say: HubFrame }
  | { readonly sayBytes: Uint8Array }
  | AgentHearing
  /** The agent ends the stream. */
  | { readonly leaves: true }
  /** The agent opens a stream, time passing until it does: not before `afterMs`, at the latest after `withinMs`. */
  | { readonly comes: { readonly afterMs?: number; readonly withinMs?: number } }
  /** The script's hub ends the stream. */
  | { readonly end: true }
  | { readonly agent: AgentChange }
  /** Time passes without a word from the hub. */
  | { readonly silence: number }
  /** Time passes while the hub says this every few seconds. */
  | { readonly beating: number; readonly beat: HubFrame }
  /** What must be durable now, as `+name@seq` and `-name@seq`, sorted. */
  | { readonly durable: readonly string[] }
  /** Something that the agent raised or told. */
  | { readonly told: string };

/** One script against an agent. It begins with the agent's first stream, before its Hello is taken. */
export interface AgentScript {
  /** Section of PROTOCOL.md. */
  readonly rule: string;
  readonly name: string;
  readonly steps: readonly AgentStep[];
}
