import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of this project's cdktf.json, whether this file runs from its source or compiled below `dist`. */
export const PROJECT_DIRECTORY = (() => {
  let folder = __dirname;
  while (!existsSync(join(folder, 'cdktf.json'))) folder = dirname(folder);
  return folder;
})();

/** What the project keeps between runs (Python packages, servers of other versions), and the folders of runs. */
export const LOCAL_DIRECTORY = join(PROJECT_DIRECTORY, '.local');
