import type { Explanation, Reasoned } from '@flotilla/shared/model';
import { waitFor } from '../real/waiting.ts';
import { type ActOutcome, type Say, secondsSince, untilAllReady } from './acts.ts';
import type { DemoCluster } from './cluster-list.ts';
import type { DemoFleet } from './demo-fleet.ts';

const placement = 'checkout';
const placementFile = 'fleet/placements/checkout.yaml';
const windowFile = 'fleet/window.yaml';
const withinMs = 120_000;

/**
 * A commit under a strategy that asks a person after the canary. Everybody else waits for the approval and says so; a
 * cluster that joins meanwhile (simulated ones only) gets the stable release; then a person approves.
 */
export async function actApprove(fleet: DemoFleet, say: Say): Promise<ActOutcome> {
  const before = await fleet.workshop.read(placementFile);
  const careful = `${before.trimEnd()}\n  rollout: {strategy: demo-approved}\n`;
  const commit = await pushNewCheckout(fleet, { [placementFile]: careful }, 'Ask a person after the canary');
  say(`pushed ${commit.slice(0, 12)}: the canary tries it, then somebody has to say yes`);
  const waiting = await anyWith(fleet, 'NeedsApproval');
  say(`why ${waiting.cluster} ${placement}: ${textOf(waiting.reason)}`);
  const joined = fleet.members.isSimulated ? await join(fleet, say) : undefined;
  const startedMs = performance.now();
  const approved = await fleet.hub.operateRollout(placement, 'approve', 'the act approve');
  say(`${approved.rollout} ${approved.text}`);
  await untilAllReady(fleet, withinMs);
  const seconds = secondsSince(startedMs);
  await fleet.workshop.push({ [placementFile]: before }, 'Back to the usual strategy');
  await untilAllReady(fleet, withinMs);
  const joiner =
    joined === undefined ? {} : { joiner: joined.reason?.code ?? '', joinerText: textOf(joined.reason) };
  return {
    act: 'approve',
    text: `${waiting.cluster} waited (${waiting.reason?.code}); all Ready ${seconds} s after the approval`,
    facts: { waits: waiting.reason?.code ?? '', waitsText: textOf(waiting.reason), ...joiner, seconds },
  };
}

/** A change window is closed: a new release waits on every cluster and says until when. Then the window goes. */
export async function actWindow(fleet: DemoFleet, say: Say): Promise<ActOutcome> {
  const text = windowText(new Date());
  const commit = await pushNewCheckout(fleet, { [windowFile]: text }, 'Nobody changes anything now');
  say(`pushed ${commit.slice(0, 12)} with a change window that denies changes for ten minutes`);
  const waiting = await anyWith(fleet, 'WindowClosed');
  say(`why ${waiting.cluster} ${placement}: ${textOf(waiting.reason)}`);
  const items = await fleet.hub.list('assignments', { fieldSelector: `placement=${placement}` });
  const started = items.filter((item) => item.spec.commit?.id === commit).length;
  await fleet.workshop.push({ [windowFile]: null }, 'Changes are allowed again');
  const startedMs = performance.now();
  await waitFor(
    'the release everywhere',
    async () => {
      const now = await untilAllReady(fleet, withinMs);
      const own = now.filter((item) => item.spec.placement === placement);
      return own.every((item) => item.spec.commit?.id === commit) ? true : undefined;
    },
    { withinMs },
  );
  const seconds = secondsSince(startedMs);
  return {
    act: 'window',
    text: `${started} clusters started while it was closed; all Ready ${seconds} s after it went`,
    facts: { waits: waiting.reason?.code ?? '', waitsText: textOf(waiting.reason), started, seconds },
  };
}

/** A new version of the checkout, in one commit with changed rules. */
async function pushNewCheckout(
  fleet: DemoFleet,
  files: Readonly<Record<string, string>>,
  message: string,
): Promise<string> {
  const { workshop } = fleet;
  return await workshop.pushCheckout(workshop.freshTag(), message, files);
}

/** A new cluster while the others wait: it gets what is stable, and says what the newer release waits for. */
async function join(fleet: DemoFleet, say: Say): Promise<Explanation> {
  const number = fleet.clusters.length + 1;
  const cluster: DemoCluster = { name: `eu-${number}`, labels: { env: 'prod', region: 'eu' } };
  await fleet.join(cluster);
  const explained = await waitFor(
    'the joiner is Ready at the stable release',
    async () => {
      const found = await fleet.hub.explain(cluster.name, placement).catch(() => undefined);
      return found?.state === 'Ready' ? found : undefined;
    },
    { withinMs, everyMs: 200 },
  );
  say(`${cluster.name} joined and runs the stable release; why: ${textOf(explained.reason)}`);
  return explained;
}

/** The first cluster whose checkout waits for this reason. */
async function anyWith(fleet: DemoFleet, code: string): Promise<Explanation> {
  return await waitFor(
    `a cluster that waits: ${code}`,
    async () => {
      for (const { name } of fleet.clusters) {
        const found = await fleet.hub.explain(name, placement);
        if (found.reason?.code === code) return found;
      }
      return undefined;
    },
    { withinMs, everyMs: 300 },
  );
}

/** Denies for ten minutes from the minute that began before this moment. */
function windowText(now: Date): string {
  const cron = `${now.getUTCMinutes()} ${now.getUTCHours()} ${now.getUTCDate()} ${now.getUTCMonth() + 1} *`;
  return `apiVersion: flotilla.dev/v1alpha1
kind: ChangeWindow
metadata:
  name: demo-freeze
spec:
  mode: deny
  clusters:
    matchLabels: {env: prod}
  schedule: {cron: "${cron}", duration: 10m, tz: UTC}
  exempt: [rollback, urgent]
`;
}

function textOf(reason: Reasoned | undefined): string {
  return reason?.text ?? '';
}
