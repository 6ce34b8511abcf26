import { apiReports } from '../../docs/api';

test('the public face is as docs/api/ says (npm run docs): a change of it is seen in review', () => {
  expect(apiReports(false)).toEqual([]);
}, 60_000);
