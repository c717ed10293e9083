/**
 * Runs the contract suite on a broken simulated cluster: one text of one source file is replaced as the file is loaded.
 * Prints the names of the failing cases as JSON. Its own process, because modules are loaded once.
 *   node test/contracts/kube/mutant-runner/main.ts <name of a mutant>
 */
import { registerHooks } from 'node:module';
import type { Json } from '@flotilla/shared/base';
import type { CaseGroup, ContractCase } from '../contract-case.ts';
import { mutants } from '../mutants.ts';

const [wanted] = process.argv.slice(2);
const mutant = mutants.find((one) => one.name === wanted);
if (mutant === undefined) throw new Error(`no mutant is called ${wanted}`);
let isBroken = false;

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!url.endsWith(`/kube-simulated/${mutant.file}`)) return loaded;
    const source = String(loaded.source);
    if (source.split(mutant.from).length !== 2)
      throw new Error(`${mutant.file} does not hold "${mutant.from}" once`);
    isBroken = true;
    return { ...loaded, source: source.replace(mutant.from, mutant.to) };
  },
});

const { allGroups } = await import('../cases/index.ts');
const { readRecording } = await import('../recordings.ts');
const { simulatedWorld } = await import('../simulated-world.ts');
const { Story } = await import('../story.ts');
const { stableJson } = await import('@flotilla/shared/base');

async function isCaught(group: CaseGroup, one: ContractCase): Promise<boolean> {
  const world = simulatedWorld(group.needs);
  const story = new Story(world);
  const recording = await readRecording(group.name);
  try {
    await story.begin();
    await one.run(story);
    // A recorded case has steps; without a recording it counts as caught, which fails the test that expects one name.
    const recorded: Json = recording.cases.get(one.name) ?? null;
    return stableJson(story.transcript()) !== stableJson(recorded);
  } catch {
    return true;
  } finally {
    await world.close();
  }
}

const caught: string[] = [];
for (const group of allGroups)
  for (const one of group.cases) if (await isCaught(group, one)) caught.push(one.name);
if (!isBroken) throw new Error(`${mutant.file} was never loaded`);
process.stdout.write(`${JSON.stringify(caught)}\n`);
