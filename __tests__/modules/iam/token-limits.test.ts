import { TOKEN_LIMITS, tokenTooLong } from '../../../modules/iam/token-limits';

test.each(Object.entries(TOKEN_LIMITS))('%s is told from its limit on', (_, limit) => {
  expect(tokenTooLong('x'.repeat(limit.keeps), limit)).toBeUndefined();
  expect(tokenTooLong('x'.repeat(limit.keeps + 1), limit)).toMatch(/will be refused\. Way out: [^.]/);
  expect(limit.source).toMatch(/^https:/);
});

test('bytes count, not characters', () => {
  const limit = { client: 'a client', keeps: 3, wayOut: 'another', source: '' };
  expect(tokenTooLong('éé', limit)).toContain('The token has 4 bytes, and a client keeps 3');
});
