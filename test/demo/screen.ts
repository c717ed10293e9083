import type { AssignmentItem, ClusterItem, PlacementItem, ShownState } from '@flotilla/shared/model';

/** What the table is drawn from; undefined while the hub does not answer. */
export interface Scene {
  readonly clusters: readonly ClusterItem[];
  readonly placements: readonly PlacementItem[];
  readonly assignments: readonly AssignmentItem[];
  readonly commit: string;
}

const letters: Record<ShownState, string> = {
  Ready: 'R',
  Progressing: 'p',
  Degraded: 'D',
  Stalled: 'S',
  Suspended: 's',
  Unknown: '?',
  Pending: '.',
};

const colours: Record<ShownState, number> = {
  Ready: 32,
  Progressing: 36,
  Degraded: 31,
  Stalled: 31,
  Suspended: 35,
  Unknown: 33,
  Pending: 90,
};

/** The live table: a row for each placement, a letter for each cluster. Colour is never the only sign. */
export function drawScene(
  scene: Scene | undefined,
  about: { readonly isSimulated: boolean; readonly withColour: boolean },
): string {
  const mark = about.isSimulated ? 'SIMULATED clusters, real agents' : 'real control planes, fake nodes';
  if (!scene)
    return `flotilla demo   ${mark}\n\nthe hub does not answer; the clusters keep themselves right\n`;
  const names = scene.clusters.map((cluster) => cluster.metadata.name);
  const states = new Map(scene.assignments.map((item) => [item.metadata.name, item.status.state]));
  const git = scene.commit === '' ? 'Git is being read' : `commit in force ${scene.commit.slice(0, 12)}`;
  const lines = [`flotilla demo   ${mark}   ${git}`, ''];
  const width = Math.max(12, ...scene.placements.map((one) => one.metadata.name.length));
  const shown = names.slice(0, 60);
  lines.push(`${''.padEnd(width)}  ${groupsOf(shown)}`);
  for (const placement of scene.placements) {
    const name = placement.metadata.name;
    const cells = shown.map((cluster) => cell(states.get(`${cluster}/${name}`), about.withColour)).join('');
    const rollout = placement.status.rollout;
    const what = rollout ? `${rollout.id} ${rollout.state}` : (placement.status.reason?.text ?? '');
    lines.push(
      `${name.padEnd(width)}  ${cells}  ${what}`.slice(0, about.withColour ? undefined : 160).trimEnd(),
    );
  }
  if (names.length > shown.length) lines.push(`(${names.length - shown.length} more clusters)`);
  lines.push(
    '',
    `R Ready  p Progressing  D Degraded  S Stalled  s Suspended  ? Unknown  . Pending   ${countsText(scene)}`,
  );
  return `${lines.join('\n')}\n`;
}

/** The card of next commands. */
export function nextCommands(about: {
  readonly apiUrl: string;
  readonly dataDir: string;
  /** The cluster that the act `offline` takes when none is named. */
  readonly offline: string;
  /** Folder that is kept; undefined = everything is removed at the end. */
  readonly keep: string | undefined;
}): string {
  const { apiUrl, dataDir, offline, keep } = about;
  const end =
    keep === undefined
      ? 'Ctrl-C ends the demo and removes everything.'
      : `Ctrl-C ends the demo; started again with --keep ${keep} it goes on.`;
  return [
    '',
    `hub API   ${apiUrl}   (loopback only; token in ${dataDir}/admin-token)`,
    'from a second terminal:',
    '  npm run demo -- break      a bad commit: the canary fails, the rollout halts, the rest is never touched',
    '  npm run demo -- undo       back to the stable release with the Git server away; the bad commit stays out',
    '  npm run demo -- fix        a good commit supersedes it',
    '  npm run demo -- approve    a new version asks a person after the canary; a cluster joins meanwhile',
    '  npm run demo -- window     a new version waits for a closed change window',
    '  npm run demo -- drift      a hand edit on one cluster, corrected',
    '  npm run demo -- cut-hub    hub and bus die, the clusters go on, the hub comes back',
    `  npm run demo -- offline    the agent of ${offline} goes away and comes back; or offline NAME`,
    `  ${process.execPath} hub/cli/src/main.ts get assignments --data-dir ${dataDir}`,
    '  (or rollout watch checkout, rollout pause checkout, history checkout, ...)',
    end,
    '',
  ].join('\n');
}

/** `eu      us`: above the first of the clusters that share what stands before their number. */
function groupsOf(names: readonly string[]): string {
  const group = (name: string | undefined) => name?.replace(/-?[0-9]+$/, '');
  return names.reduce((line, name, index) => {
    const isFirst = group(name) !== group(names[index - 1]);
    return isFirst && line.length <= index ? `${line.padEnd(index)}${group(name)}` : line;
  }, '');
}

function cell(state: ShownState | undefined, withColour: boolean): string {
  if (state === undefined) return ' ';
  return withColour ? `\u001b[${colours[state]}m${letters[state]}\u001b[0m` : letters[state];
}

function countsText(scene: Scene): string {
  const ready = scene.assignments.filter((item) => item.status.state === 'Ready').length;
  return `${ready} of ${scene.assignments.length} assignments Ready on ${scene.clusters.length} clusters`;
}
