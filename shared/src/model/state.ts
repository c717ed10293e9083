/** The states that people see, and only these (glossary of the product). */
export const shownStates = [
  'Ready',
  'Progressing',
  'Degraded',
  'Stalled',
  'Suspended',
  'Unknown',
  'Pending',
] as const;

/** One of the seven states that people see. */
export type ShownState = (typeof shownStates)[number];

/** What an agent may say of an assignment: no Pending or Unknown (the hub's words), but the two of a removal. */
export type AgentState =
  | 'Ready'
  | 'Progressing'
  | 'Degraded'
  | 'Stalled'
  | 'Suspended'
  | 'Removing'
  | 'Removed';

/** The agent's step inside Progressing. */
export type AssignmentPhase = 'queued' | 'fetching' | 'rendering' | 'applying' | 'verifying' | 'pruning';

/** A "no" with its reason: `code` for machines (UpperCamelCase), `text` a sentence, `subject` what it speaks of. */
export interface Reasoned {
  readonly code: string;
  readonly text: string;
  readonly subject: string;
}
