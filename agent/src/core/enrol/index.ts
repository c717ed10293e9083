/** When an agent's identity is renewed. */
export * from './renewal-schedule.ts';
