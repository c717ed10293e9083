import { describe } from 'vitest';
import { memoryChecks } from '../../fakes/index.ts';
import { checkContract } from './suite.ts';

describe('checks in memory', () => {
  checkContract(async () => {
    const url = 'http://127.0.0.1:8080';
    const port = memoryChecks({
      allowPlainHttpHosts: ['127.0.0.1'],
      credentials: {
        ours: { origin: url, token: 's3cret' },
        theirs: { origin: 'https://other.example.org', token: 's3cret' },
      },
    });
    return {
      port,
      url,
      behave(behaviour) {
        port.behaviour = behaviour;
      },
      received: () => port.received.map(({ asked: { body }, authorization }) => ({ body, authorization })),
      [Symbol.asyncDispose]: async () => {},
    };
  });
});
