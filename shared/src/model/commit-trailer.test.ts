import { describe, expect, it } from 'vitest';
import { urgentIn } from './commit-trailer.ts';

describe('what a commit calls urgent', () => {
  it.each([
    ['Fix the certificate\n\nFlotilla-Urgent: true\n', 'all'],
    ['Fix\n\nIt had run out.\n\nReviewed-by: Bea <bea@example.org>\nflotilla-urgent : TRUE\n\n', 'all'],
    ['Fix\n\nFlotilla-Urgent: shop, net\nFlotilla-Urgent: shop auth', ['auth', 'net', 'shop']],
    ['Fix\n\nFlotilla-Urgent: shop\nFlotilla-Urgent: true', 'all'],
  ] as const)('%j: %j', (message, expected) => {
    expect(urgentIn(message)).toEqual(expected);
  });

  it.each([
    'Flotilla-Urgent: true',
    'Fix\nFlotilla-Urgent: true',
    'Fix\n\nFlotilla-Urgent: true\n\nMore words.',
    'Fix\n\nFlotilla-Urgent: false',
    'Fix\n\nFlotilla-Urgent:',
    'Fix\n\nFlotilla-Urgent: ../x, A B!',
    'Fix\n\nNot-Flotilla-Urgent: true',
    'Fix\n\n> Flotilla-Urgent: true',
    '',
  ])('%j: nothing', (message) => {
    expect(urgentIn(message)).toBeUndefined();
  });

  it('names at most fifty', () => {
    const names = Array.from({ length: 60 }, (_, index) => `p${index + 10}`);
    expect(urgentIn(`Fix\n\nFlotilla-Urgent: ${names.join(' ')}`)).toHaveLength(50);
  });
});
