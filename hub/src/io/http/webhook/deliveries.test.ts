import { limits } from '@flotilla/shared/base';
import { describe, expect, it } from 'vitest';
import { Deliveries } from './deliveries.ts';

describe('deliveries', () => {
  it('are taken once by their number, whichever server sent it', () => {
    const deliveries = new Deliveries();
    expect(deliveries.isRepeated({ 'x-github-delivery': 'a' })).toBe(false);
    expect(deliveries.isRepeated({ 'x-github-delivery': 'a' })).toBe(true);
    expect(deliveries.isRepeated({ 'x-github-delivery': 'b' })).toBe(false);
    expect(deliveries.isRepeated({ 'x-gitea-delivery': 'a' })).toBe(false);
  });

  it('without a number are always new', () => {
    const deliveries = new Deliveries();
    expect([deliveries.isRepeated({}), deliveries.isRepeated({})]).toEqual([false, false]);
  });

  it('are forgotten oldest first beyond the bound', () => {
    const deliveries = new Deliveries();
    for (let number = 0; number <= limits.webhookDeliveriesMax; number += 1) {
      deliveries.isRepeated({ 'x-flotilla-delivery': String(number) });
    }
    expect(deliveries.isRepeated({ 'x-flotilla-delivery': String(limits.webhookDeliveriesMax) })).toBe(true);
    expect(deliveries.isRepeated({ 'x-flotilla-delivery': '0' })).toBe(false);
  });
});
