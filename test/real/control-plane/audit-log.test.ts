import { describe, expect, it } from 'vitest';
import { deletesIn, formatAuditEvent, parseAuditLog, selectEvents, writesIn } from './audit-log.ts';

function line(event: object): string {
  return `${JSON.stringify({
    kind: 'Event',
    verb: 'patch',
    requestURI: '/apis/apps/v1/namespaces/shop/deployments/cart?fieldManager=flotilla',
    user: { username: 'agent' },
    objectRef: { apiGroup: 'apps', resource: 'deployments', namespace: 'shop', name: 'cart' },
    responseStatus: { code: 200 },
    requestReceivedTimestamp: '2026-01-01T00:00:00.000000Z',
    ...event,
  })}\n`;
}

describe('the audit log as a judge', () => {
  it('tells who wrote what', () => {
    const [event] = parseAuditLog(line({}));

    expect(event).toMatchObject({
      user: 'agent',
      verb: 'patch',
      group: 'apps',
      resource: 'deployments',
      namespace: 'shop',
      name: 'cart',
      status: 200,
      isDryRun: false,
    });
    expect(event && formatAuditEvent(event)).toBe('patch apps/deployments shop/cart 200 by agent');
  });

  it('counts neither refusals, dry runs, reviews nor reads as writes', () => {
    const events = parseAuditLog(
      line({}) +
        line({ responseStatus: { code: 409 } }) +
        line({ requestURI: '/apis/apps/v1/namespaces/shop/deployments/cart?dryRun=All' }) +
        line({
          verb: 'create',
          objectRef: { apiGroup: 'authorization.k8s.io', resource: 'subjectaccessreviews' },
        }) +
        line({ verb: 'get' }),
    );

    expect(writesIn(events)).toHaveLength(1);
  });

  it('counts a delete whether it was accepted or not', () => {
    const events = parseAuditLog(
      line({ verb: 'delete' }) + line({ verb: 'delete', responseStatus: { code: 403 } }) + line({}),
    );

    expect(deletesIn(events)).toHaveLength(2);
  });

  it('chooses by user, place and kind', () => {
    const events = parseAuditLog(
      line({}) +
        line({ user: { username: 'other' } }) +
        line({
          objectRef: { apiGroup: 'coordination.k8s.io', resource: 'leases', namespace: 'shop', name: 'me' },
        }),
    );

    expect(selectEvents(events, { user: 'agent' })).toHaveLength(2);
    expect(writesIn(events, { user: 'agent', exceptResources: ['leases'] })).toHaveLength(1);
    expect(writesIn(events, { namespace: 'elsewhere' })).toHaveLength(0);
    expect(selectEvents(events, { resource: 'deployments', name: 'cart', verbs: ['patch'] })).toHaveLength(2);
  });

  it('leaves a line out that is still being written', () => {
    expect(parseAuditLog(line({}) + line({}).slice(0, 40))).toHaveLength(1);
    expect(parseAuditLog('')).toEqual([]);
  });

  it('fails on a line that is no event', () => {
    expect(() => parseAuditLog('nonsense\n')).toThrow();
  });
});
