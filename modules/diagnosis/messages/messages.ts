import { AUTHENTICATION_MESSAGES } from './authentication';
import { CONNECTION_MESSAGES } from './connection';
import { LOG_MESSAGES } from './log';
import type { Message } from './message';
import { SIGNING_MESSAGES } from './signing';

/** The more particular ones first: a line of the log holds the words of others. */
export const MESSAGES: readonly Message[] = [
  ...LOG_MESSAGES,
  ...AUTHENTICATION_MESSAGES,
  ...CONNECTION_MESSAGES,
  ...SIGNING_MESSAGES,
];
