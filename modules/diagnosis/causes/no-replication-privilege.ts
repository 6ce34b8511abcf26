import { quoteIdentifier } from '../../names/sql';
import { found } from '../cause';
import { userWords } from '../words';
import { insideCause } from './inside-cause';

/** https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraPostgreSQL.Replication.Logical.html */
export const noReplicationPrivilege = insideCause({
  id: 'no-replication-privilege',
  suspicion: 'the user may not replicate (an admin of the database can tell)',
  shown: {
    kind: 'no-replication',
    judge: (facts) =>
      found(
        'no-replication-privilege',
        userWords(facts),
        'may not replicate: the token was accepted, and rds_replication is missing',
        `GRANT rds_replication TO ${quoteIdentifier(facts.asked.user ?? '')};`,
      ),
  },
  judge: () => undefined,
});
