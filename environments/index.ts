import dev from './dev';
import local from './local';
import prod from './prod';
import staging from './staging';

/** Every environment of this project. A file becomes stacks by standing in this list. */
export default [dev, staging, prod, local];
