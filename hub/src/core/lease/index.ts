/** Which of several hub processes looks for decisions; it saves work and decides nothing. */
export * from './lease.ts';
