import dev from './dev';

export default [dev];
