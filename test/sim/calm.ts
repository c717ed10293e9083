import type { AgentProcess } from './agent-process.ts';
import type { World } from './world.ts';

/** Nothing is wrong any more: bus, Git, network, hubs and agents are there; one agent may stay away. */
export function calm(world: World, except?: AgentProcess): void {
  world.setBus(true);
  world.setGit(true);
  world.weather.delayMs = 30;
  world.weather.wildShare = 0;
  for (const place of world.hubs.keys()) world.startHub(place);
  for (const hub of world.hubs) hub?.calm();
  for (const agent of world.agents.values()) {
    agent.setCutOff(agent === except);
    agent.isDiskFull = false;
    agent.reports.lateUntilMs = 0;
    agent.start();
  }
}
