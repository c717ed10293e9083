/** L3: everything that the agent decides, without clock, chance or I/O. */
export * from './session/index.ts';
