import type { KubeObject } from '@flotilla/shared/model';
import {
  type DesiredObject,
  fieldManager,
  fieldPaths,
  leftToOthersManager,
  ourEntry,
  parsePointer,
  valueAt,
  withoutClientSide,
} from '../../core/index.ts';
import { type ApplyOptions, KubeError } from '../../kube-port.ts';
import type { StepContext } from './execute-apply.ts';

const leftToOthers: ApplyOptions = {
  fieldManager: leftToOthersManager,
  force: true,
  dryRun: false,
  fieldValidation: 'Strict',
};

/** Attempts at a write whose version precondition fails because something else of the object changed. */
const raceAttemptsMax = 5;

/**
 * Makes what a client-side `kubectl apply` owns of a foreign object the fields of our apply, so that what Git does not state goes
 * with the apply that follows; without it the other owner would keep it for ever. What is left to others keeps its value. A
 * death in between leaves an object that our apply was on: the next look goes on.
 */
export async function takeFromKubectl(
  object: DesiredObject,
  before: KubeObject,
  context: StepContext,
): Promise<void> {
  const { engine, signal } = context;
  let live: KubeObject | undefined = before;
  for (let attempt = 1; live !== undefined; attempt += 1) {
    const managedFields = withoutClientSide(live);
    if (managedFields === undefined) return;
    const { resourceVersion = '' } = live.metadata;
    try {
      const patch = { metadata: { resourceVersion, managedFields } };
      await engine.ports.kube.mergePatch(object.ref, patch, { fieldManager }, signal);
      await handOver(object, object.leftToOthers, context);
      return;
    } catch (error) {
      if (!(error instanceof KubeError) || error.status !== 409 || attempt >= raceAttemptsMax) throw error;
    }
    live = await engine.ports.kube.get(object.ref, signal);
  }
}

/**
 * Keeps the values of fields that we own now and leave to others from here on: without another owner the server would
 * drop them with our next apply. Paths through lists are left to the server's own rules.
 */
export async function handOver(
  object: DesiredObject,
  pointers: readonly string[],
  { engine, signal }: StepContext,
): Promise<void> {
  const live = await engine.ports.kube.get(object.ref, signal);
  if (live === undefined) return;
  const owned = fieldPaths(ourEntry(live)?.fieldsV1 ?? {});
  const { name, namespace } = live.metadata;
  let partial: { [field: string]: unknown } = {};
  for (const pointer of pointers) {
    const steps = parsePointer(pointer) ?? [];
    const value = valueAt(live, steps);
    const path = steps.map((step) => `.${step}`).join('');
    const isOwned = owned.some(
      (one) => one === path || one.startsWith(`${path}.`) || one.startsWith(`${path}[`),
    );
    if (value !== undefined && isOwned) partial = withValue(partial, steps, value);
  }
  if (Object.keys(partial).length === 0) return;
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }) };
  const body = { ...partial, apiVersion: live.apiVersion, kind: live.kind, metadata };
  await engine.ports.kube.apply(body, leftToOthers, signal);
}

function withValue(
  target: { readonly [field: string]: unknown },
  steps: readonly string[],
  value: unknown,
): { [field: string]: unknown } {
  const [step, ...rest] = steps;
  if (step === undefined) return { ...target };
  const inner = target[step];
  const base = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? { ...inner } : {};
  return { ...target, [step]: rest.length === 0 ? value : withValue(base, rest, value) };
}
