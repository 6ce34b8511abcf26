import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatedDocs } from '../../docs/generate';
import { PROJECT_DIRECTORY } from '../../local/project-directory';

test.each(Object.entries(generatedDocs()))('%s is what the code says (npm run docs)', (path, content) => {
  expect(readFileSync(join(PROJECT_DIRECTORY, path), 'utf8')).toBe(content);
});
