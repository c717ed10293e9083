/**
 * A simulated cluster behind the Kubernetes port, in this process: for the demo, the simulation and load tests, which
 * run the real agent on it. It implements what the agent uses of the API and passes the same contract suite as a real
 * API server (test/contracts/kube); it is not a general API server. README.md says what it does and what it does not.
 * Reading order: simulated-cluster, simulated-port, watch-events, faults, write-log; then core: state, store, write,
 * remove, managed/, fields/, schema/, kinds/, controllers/.
 */
export type { ControllerTiming } from './core/index.ts';
export * from './faults.ts';
export {
  type SimulatedCluster,
  type SimulatedClusterOptions,
  simulatedVersion,
  startSimulatedCluster,
} from './simulated-cluster.ts';
export type { SimulatedWrite, WriteLog } from './write-log.ts';
