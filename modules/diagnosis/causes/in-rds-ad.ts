import { quoteIdentifier } from '../../names/sql';
import { found, RULED_OUT } from '../cause';
import { userWords } from '../words';
import { AFTER_TOKEN, insideCause } from './inside-cause';

/** https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/postgresql-kerberos-setting-up.html */
export const inRdsAd = insideCause({
  id: 'in-rds-ad',
  suspicion: 'the database user is in rds_ad, which excludes tokens (an admin of the database can tell)',
  excluded: AFTER_TOKEN,
  judge: ({ inRdsAd }, facts) =>
    inRdsAd
      ? found(
          'in-rds-ad',
          userWords(facts),
          'is in rds_ad: it logs in with Kerberos, and not with a token',
          `REVOKE rds_ad FROM ${quoteIdentifier(facts.asked.user ?? '')};`,
        )
      : RULED_OUT,
});
