import type { ClusterState } from '../state.ts';
import type { Change } from '../store.ts';
import type { ControllerContext, ControllerTiming } from './context.ts';
import { removeInstances } from './definition.ts';
import type { Task } from './dispatch.ts';
import { mayLeaveGarbage, reconcilers, tasksAfter } from './dispatch.ts';
import { collectGarbage } from './garbage.ts';

/** All simulated controllers of one cluster: what changed is looked at a little later, one thing after the other. */
export interface Controllers {
  /** When the next thing is due; undefined when nothing is. */
  nextDueMs(): number | undefined;
  /** Does everything that is due by now. */
  runDue(nowMs: number): void;
  /** Stops all but what an API server does by itself (it establishes definitions), or lets all run again. */
  setRunning(isRunning: boolean): void;
  /** Looks at every object once: after the start, and after controllers were paused. */
  enqueueAll(nowMs: number): void;
}

interface Due {
  readonly dueMs: number;
  readonly task: Task | 'garbage';
}

/** Most things that one call does, so that one cluster cannot hold a process for long. */
const batchMax = 500;

/** Connects controllers to a state. `onDue` is called when something became due earlier than before. */
export function createControllers(
  state: ClusterState,
  timing: ControllerTiming,
  clock: { readonly nowMs: () => number; readonly onDue: () => void },
): Controllers {
  const queue = new Map<string, Due>();
  let isRunning = true;

  function enqueue(task: Task | 'garbage', dueMs: number): void {
    if (!isRunning && !isOfServer(task)) return;
    const key = task === 'garbage' ? task : `${task.controller} ${task.key.namespace ?? ''}/${task.key.name}`;
    const known = queue.get(key);
    if (known !== undefined && known.dueMs <= dueMs) return;
    queue.set(key, { dueMs, task });
    clock.onDue();
  }

  function noteChange(change: Change): void {
    const dueMs = clock.nowMs() + timing.controllerMs;
    for (const task of tasksAfter(state.store, change))
      enqueue(task, isPodLeaving(change) ? dueMs + timing.podStopMs : dueMs);
    if (mayLeaveGarbage(change)) enqueue('garbage', dueMs);
    if (change.type === 'deleted' && change.kind.endsWith('/customresourcedefinitions'))
      removeInstances(contextAt(clock.nowMs()), change.object);
  }

  function contextAt(nowMs: number): ControllerContext {
    return { state, timing, nowMs, nowText: state.nowText() };
  }

  function run(task: Task | 'garbage', nowMs: number): void {
    const context = contextAt(nowMs);
    if (task === 'garbage') {
      collectGarbage(context);
      return;
    }
    const againMs = reconcilers[task.controller](context, task.key);
    if (againMs !== undefined) enqueue(task, nowMs + Math.max(againMs, timing.controllerMs));
  }

  state.store.onChange(noteChange);
  return {
    nextDueMs: () =>
      queue.size === 0 ? undefined : Math.min(...[...queue.values()].map((due) => due.dueMs)),
    runDue(nowMs) {
      const due = [...queue]
        .filter(([, entry]) => entry.dueMs <= nowMs)
        .sort(([, left], [, right]) => left.dueMs - right.dueMs);
      for (const [key, { task }] of due.slice(0, batchMax)) {
        queue.delete(key);
        run(task, nowMs);
      }
    },
    setRunning(running) {
      isRunning = running;
      if (!running) for (const [key, { task }] of queue) if (!isOfServer(task)) queue.delete(key);
    },
    enqueueAll(nowMs) {
      for (const kind of state.registry.all())
        for (const object of state.store.list(`${kind.group}/${kind.resource}`))
          for (const task of tasksAfter(state.store, {
            version: 0,
            type: 'modified',
            kind: `${kind.group}/${kind.resource}`,
            object,
            previous: undefined,
          }))
            enqueue(task, nowMs);
      enqueue('garbage', nowMs);
    },
  };
}

function isPodLeaving(change: Change): boolean {
  const metadata = change.object['metadata'];
  return (
    change.kind === '/pods' &&
    typeof metadata === 'object' &&
    metadata !== null &&
    'deletionTimestamp' in metadata
  );
}

/** What an API server does without any controller manager. */
function isOfServer(task: Task | 'garbage'): boolean {
  return task !== 'garbage' && task.controller === 'definition';
}
