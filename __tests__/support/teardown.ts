import { removeTemporaryFolder } from './temporary-folder';

export default removeTemporaryFolder;
