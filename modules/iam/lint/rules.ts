import { actionResource } from './action-resource';
import { anyAccount } from './any-account';
import { anyAction } from './any-action';
import { anyCluster } from './any-cluster';
import { anyLogin } from './any-login';
import { anyService } from './any-service';
import { describeOnDbuser } from './describe-on-dbuser';
import { emptyCondition } from './empty-condition';
import { everyDatabase } from './every-database';
import { id } from './id';
import { identifierAsResourceId } from './identifier-as-resource-id';
import { incompleteArn } from './incomplete-arn';
import { letsNobodyIn } from './lets-nobody-in';
import { login } from './login';
import { noSuchAction } from './no-such-action';
import { notAction } from './not-action';
import { notResource } from './not-resource';
import { oldVersion } from './old-version';
import { partition } from './partition';
import { resourceType } from './resource-type';
import type { Rule } from './rule';
import { shortArn } from './short-arn';
import { tooLong } from './too-long';
import { transientName } from './transient-name';
import { unknownCondition } from './unknown-condition';
import { unknownVariable } from './unknown-variable';
import { unsupportedCondition } from './unsupported-condition';
import { variablePlace } from './variable-place';
import { wrongPrefix } from './wrong-prefix';
import { wrongService } from './wrong-service';

/** In the order in which their findings are told. */
export const LINT_RULES: readonly Rule[] = [
  // Found while the document is read: nothing else is looked at then.
  { id: 'template' },
  { id: 'malformed' },
  tooLong,
  id,
  noSuchAction,
  anyAction,
  wrongPrefix,
  describeOnDbuser,
  actionResource,
  notAction,
  notResource,
  everyDatabase,
  shortArn,
  anyService,
  wrongService,
  oldVersion,
  variablePlace,
  unknownVariable,
  transientName,
  anyAccount,
  incompleteArn,
  partition,
  anyCluster,
  resourceType,
  identifierAsResourceId,
  anyLogin,
  login,
  emptyCondition,
  unsupportedCondition,
  unknownCondition,
  letsNobodyIn,
];
