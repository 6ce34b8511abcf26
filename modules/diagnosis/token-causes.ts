import type { Cause } from './cause';
import { notAToken } from './causes/not-a-token';
import { tokenCutByClient } from './causes/token-cut-by-client';
import { tokenDamaged } from './causes/token-damaged';
import { tokenEncoded } from './causes/token-encoded';
import { tokenExpired } from './causes/token-expired';
import { tokenOtherHost } from './causes/token-other-host';
import { tokenOtherRegion } from './causes/token-other-region';
import { tokenOtherService } from './causes/token-other-service';
import { tokenOtherUser } from './causes/token-other-user';

/** What can be wrong with a token, which needs nothing else to be seen. Apart from the others, so that a token is explained at once. */
export const TOKEN_CAUSES: readonly Cause[] = [
  notAToken,
  tokenEncoded,
  tokenDamaged,
  tokenOtherService,
  tokenOtherUser,
  tokenOtherHost,
  tokenOtherRegion,
  tokenExpired,
  tokenCutByClient,
];
