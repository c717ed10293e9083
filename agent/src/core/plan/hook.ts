import type { GroupKind, KubeObject } from '@flotilla/shared/model';
import { stageOf, stages } from './stages.ts';

/** When Helm runs an object: before or after everything else of the set. */
export type HookPhase = 'before' | 'after';

/** Marks a hook of a chart; Helm and what reads its charts agree on it. */
export const hookAnnotation = 'helm.sh/hook';
const weightAnnotation = 'helm.sh/hook-weight';

const phases: ReadonlyMap<string, HookPhase> = new Map([
  ['pre-install', 'before'],
  ['pre-upgrade', 'before'],
  ['post-install', 'after'],
  ['post-upgrade', 'after'],
]);

/** Events that an object names; `crd-install` is of Helm 2 and says what is done with definitions anyway. */
export function hookEvents(object: KubeObject): readonly string[] {
  const text: unknown = object.metadata.annotations?.[hookAnnotation];
  if (typeof text !== 'string') return [];
  const events = text.split(',').map((event) => event.trim());
  return events.filter((event) => event !== '' && event !== 'crd-install');
}

/** The phase in which an object runs; undefined = it is no hook, or its events say more than one phase. */
export function hookPhase(object: KubeObject): HookPhase | undefined {
  const found = new Set(hookEvents(object).map((event) => phases.get(event)));
  const [phase] = found;
  return found.size === 1 ? phase : undefined;
}

/** Weights count within these bounds; nobody needs more. */
const weightMax = 10_000;

/**
 * The stage of an object: hooks go before or after all others, by weight and then by kind, as Helm runs them; definitions
 * and namespaces go first whatever they are.
 */
export function stageOfObject(object: KubeObject, kind: GroupKind): number {
  const stage = stageOf(kind);
  const phase = hookPhase(object);
  if (phase === undefined || stage === stages.foundations) return stage;
  const start = phase === 'before' ? stages.foundations : stages.interceptors;
  return start + placeWithin(weightOf(object), stage);
}

/** Above 0 and below 1, growing with the weight first. */
function placeWithin(weight: number, stage: number): number {
  const kinds = stages.interceptors + 1;
  return ((weight + weightMax) * kinds + stage + 1) / ((2 * weightMax + 1) * kinds + 2);
}

function weightOf(object: KubeObject): number {
  const text: unknown = object.metadata.annotations?.[weightAnnotation];
  const weight = typeof text === 'string' && /^[-+]?\d{1,9}$/.test(text) ? Number(text) : 0;
  return Math.max(-weightMax, Math.min(weightMax, weight));
}
