import { shortId } from '@flotilla/shared/base';
import type { FleetStatus, FleetStatusStatus } from '@flotilla/shared/model';
import type { Terminal } from '../terminal.ts';
import { ageOf, timeText } from './age.ts';
import { toneOf } from './colour.ts';
import { reasonText } from './columns.ts';
import { grouped, plural, stateLines } from './count-lines.ts';
import { mistakeLines, Page } from './describe/page.ts';
import { printable } from './printable.ts';
import type { Cell } from './table.ts';

/** The fleet on one screen: what surrounds the hub first, because it explains what is below. */
export function statusLines({ status }: FleetStatus, terminal: Terminal): readonly string[] {
  const { paint } = terminal;
  const toned = (state: string): string => paint(state, toneOf(state));
  const page = new Page({ ...terminal, asOfMs: status.asOfMs });
  page.details([
    ['As of', timeText(status.asOfMs)],
    ['Hub', hubCell(status)],
    ['Bus', busCell(status)],
    ['Control repository', controlCell(status)],
    ['In force', inForceText(status)],
    ['Note', simulatedText(status)],
  ]);
  const clusters = stateLines(status.clusters.states, toned);
  page.section(
    `Clusters (${grouped(status.clusters.total)})`,
    clusters.length > 0 ? clusters : ['  none has joined yet'],
  );
  page.section(`Placements (${grouped(status.placements.total)})`, [
    ...stateLines(status.placements.states, toned),
    ...rolloutLines(status),
  ]);
  page.section(
    `Assignments (${grouped(status.assignments.total)})`,
    stateLines(status.assignments.states, toned),
  );
  page.failures(status.failures);
  page.section('Mistakes in Git (the last good state stays in force)', mistakeLines(status.control.errors));
  page.section(
    'Waits for a person',
    status.control.held.map((held) => `  ${printable(reasonText(held))}`),
  );
  page.next(nextFor(status));
  return page.lines;
}

function hubCell({ hub, asOfMs }: FleetStatusStatus): Cell {
  const [reason] = hub.notReady;
  if (reason !== undefined)
    return { text: `${hub.version}, cannot speak for the fleet yet: ${reason.text}`, tone: 'bad' };
  return { text: `${hub.version}, up for ${ageOf(hub.startedAtMs, asOfMs)}, epoch ${hub.epoch}` };
}

function busCell({ bus, asOfMs }: FleetStatusStatus): Cell {
  const age = ageOf(bus.sinceMs, asOfMs);
  if (bus.isConnected) return { text: `connected for ${age} (${bus.text})` };
  return {
    text: `AWAY for ${age} (${bus.text}): states of clusters are as of then, the clusters go on`,
    tone: 'bad',
  };
}

function controlCell({ control, asOfMs }: FleetStatusStatus): Cell {
  const place = `${control.url} ${control.ref}`;
  const age = ageOf(control.readAtMs, asOfMs);
  const read = age === '' ? 'not read since the hub started' : `read ${age} ago`;
  if (control.failure === undefined) return { text: `${place}, ${read}` };
  return { text: `${place}, ${age === '' ? read : `last ${read}`}: ${control.failure.text}`, tone: 'bad' };
}

function inForceText({ control: { commit }, asOfMs }: FleetStatusStatus): string {
  if (commit === undefined) return 'nothing yet';
  return `${shortId(commit.id)} "${commit.subject}" by ${commit.author}, ${ageOf(commit.committedAtS * 1_000, asOfMs)} ago`;
}

function simulatedText({ clusters: { simulated, total } }: FleetStatusStatus): string {
  if (simulated === 0) return '';
  return simulated === total ? 'all clusters are SIMULATED' : `${simulated} clusters are SIMULATED`;
}

function rolloutLines({ rollouts }: FleetStatusStatus): readonly string[] {
  if (rollouts.active === 0) return [];
  const halted = rollouts.halted === 0 ? '' : `, ${rollouts.halted} of them halted`;
  return [`  ${plural(rollouts.active, 'rollout')} under way${halted}`];
}

function nextFor({ clusters, control, placements, rollouts }: FleetStatusStatus): string {
  const accept = control.held.flatMap(({ text }) => text.match(/flotilla source accept \S+ [0-9a-f]+/) ?? []);
  if (accept[0] !== undefined) return accept[0];
  if (control.errors.length > 0 || control.held.length > 0)
    return 'flotilla get placements --field state=Stalled';
  if (clusters.total === 0) return 'flotilla cluster join-command NAME';
  if (rollouts.halted > 0 || placements.states.Degraded > 0) {
    return "flotilla get placements --field 'state!=Ready'";
  }
  const isAllReady = clusters.states.Ready === clusters.total;
  return isAllReady ? 'flotilla get placements' : "flotilla get clusters --field 'state!=Ready'";
}
