import { describe, expect, it } from 'vitest';
import {
  assignmentItem,
  clusterItem,
  FakeHubApi,
  smallFleet,
} from '../../../../../test/fakes/hub-api/index.ts';
import { parseFieldSelector, parseLabelSelector } from './item-fields.ts';
import { type ListQuery, readPage } from './list-page.ts';

function query(
  given: Partial<ListQuery> & { readonly state?: string; readonly label?: string } = {},
): ListQuery {
  const fields = parseFieldSelector('clusters', given.state ?? '');
  const labels = parseLabelSelector('clusters', given.label ?? '');
  return {
    limit: 10,
    after: undefined,
    sort: 'name',
    fields: fields.ok ? fields.value : [],
    labels: labels.ok ? labels.value : [],
    ...given,
  };
}

const namesOf = (items: readonly { readonly metadata: { readonly name: string } }[]) =>
  items.map(({ metadata }) => metadata.name);

describe('a page of a list', () => {
  it('counts everything that is selected, also beyond its end', () => {
    const page = readPage(smallFleet(), 'clusters', query({ limit: 1, label: 'env=prod' }));

    expect(namesOf(page.items)).toEqual(['eu-1']);
    expect(page.continueAfter).toBe('eu-1');
    expect(page.summary?.total).toBe(3);
    expect(page.summary?.states).toEqual({ Ready: 1, Degraded: 1, Unknown: 1 });
  });

  it('is the summary alone with limit 0', () => {
    const page = readPage(smallFleet(), 'clusters', query({ limit: 0 }));

    expect(page.items).toEqual([]);
    expect(page.continueAfter).toBeUndefined();
    expect(page.summary?.total).toBe(4);
  });

  it('follows the one before: all pages together are the list, each item once', () => {
    const api = new FakeHubApi();
    for (let number = 0; number < 25; number += 1) api.put('clusters', clusterItem(`c-${number}`));
    const names: string[] = [];
    let after: string | undefined;
    do {
      const page = readPage(api, 'clusters', query({ limit: 7, after }));
      names.push(...namesOf(page.items));
      after = page.continueAfter;
    } while (after !== undefined);

    expect(names).toHaveLength(25);
    expect(new Set(names).size).toBe(25);
    expect(names).toEqual([...names].sort());
  });

  it('ends exactly at the last item when the page is full', () => {
    const api = new FakeHubApi();
    api.put('clusters', clusterItem('a'));
    api.put('clusters', clusterItem('b'));

    expect(readPage(api, 'clusters', query({ limit: 2 })).continueAfter).toBeUndefined();
    expect(readPage(api, 'clusters', query({ limit: 1, after: 'a' })).continueAfter).toBeUndefined();
  });

  it('puts the worst first when sorted by state, and cannot be continued then', () => {
    const page = readPage(smallFleet(), 'clusters', query({ sort: 'state', limit: 3 }));

    expect(namesOf(page.items)).toEqual(['eu-2', 'us-1', 'eu-1']);
    expect(page.continueAfter).toBeUndefined();
    expect(page.summary?.total).toBe(4);
  });

  it('groups equal causes with a count and one example', () => {
    const api = smallFleet();
    api.put('clusters', clusterItem('eu-9', { state: 'Degraded' }));

    const { summary } = readPage(api, 'clusters', query());

    expect(summary?.failures).toHaveLength(1);
    expect(summary?.failures[0]).toMatchObject({
      count: 2,
      reason: 'CrashLoopBackOff',
      example: { cluster: 'eu-2' },
    });
  });

  it('counts the failures of assignments by their first failing object, or by their reason', () => {
    const api = smallFleet();
    api.put('assignments', assignmentItem('us-2', 'ingress', { state: 'Stalled' }));

    const { summary } = readPage(api, 'assignments', query());

    expect(summary?.failures.map(({ reason, count, example }) => [reason, count, example.object])).toEqual([
      ['ApplyForbidden', 1, ''],
      ['CrashLoopBackOff', 1, 'Deployment/api'],
    ]);
  });

  it('selects a label that is named like a member of every object only where it is set', () => {
    const api = new FakeHubApi();
    api.put('clusters', clusterItem('a', { labels: { constructor: 'x' } }));
    api.put('clusters', clusterItem('b'));

    expect(namesOf(readPage(api, 'clusters', query({ label: 'constructor' })).items)).toEqual(['a']);
  });
});
