import { block, quoteIdentifier, quoteLiteral, raise } from '../../names/sql';
import { isIamLoginSql } from '../rds-iam-membership';

/** How a login is taken away, in this order, each in a transaction of its own. They mean the same under every search path. */
export function removalStatements(login: string): { lock: string; endSessions: string; drop: string } {
  const role = quoteIdentifier(login);
  const literal = quoteLiteral(login);
  return {
    lock: block([
      `IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname OPERATOR(pg_catalog.=) ${literal}) THEN`,
      `  IF ${literal} OPERATOR(pg_catalog.=) current_user OR ${literal} OPERATOR(pg_catalog.=) session_user`,
      `    OR NOT ${isIamLoginSql(literal)} THEN`,
      `    ${raise(`${login} is not an IAM login, or is you: not touched`)}`,
      '  END IF;',
      `  ALTER ROLE ${role} NOLOGIN;`,
      'END IF;',
    ]),
    // MATERIALIZED: else PostgreSQL may call the function on every session before it looks whose it is. The time limit is
    // for each session, in milliseconds.
    endSessions: [
      'WITH sessions AS MATERIALIZED (',
      `  SELECT pid FROM pg_catalog.pg_stat_activity WHERE usename OPERATOR(pg_catalog.=) ${literal})`,
      'SELECT pg_catalog.count(*) AS "sessions ended" FROM sessions WHERE pg_catalog.pg_terminate_backend(pid, 5000);',
    ].join('\n'),
    drop: block(
      [
        '-- A member of it may be in rds_iam by nothing else, such as an admin that logs in by IAM.',
        "members := ARRAY(SELECT r.rolname FROM pg_catalog.pg_roles r JOIN pg_catalog.pg_roles dropped ON pg_catalog.pg_has_role(r.oid, dropped.oid, 'MEMBER')",
        `  WHERE dropped.rolname OPERATOR(pg_catalog.=) ${literal} AND r.oid OPERATOR(pg_catalog.<>) dropped.oid AND r.rolcanlogin AND ${isIamLoginSql('r.rolname')});`,
        `DROP ROLE IF EXISTS ${role};`,
        'FOREACH member IN ARRAY members LOOP',
        `  IF NOT ${isIamLoginSql('member')} THEN`,
        `    RAISE EXCEPTION '% is in rds_iam by % alone, and could not log in without it: run GRANT rds_iam TO % first', member, ${literal}, pg_catalog.quote_ident(member);`,
        '  END IF;',
        'END LOOP;',
      ],
      'members name[];',
      'member name;',
    ),
  };
}

/** Fails, with the way out, if the login owns something or has privileges that the script could not take. */
export function droppable(login: string): string {
  const literal = quoteLiteral(login);
  return block(
    [
      "SELECT string_agg(E'\\n  ' || line, '') INTO left_there FROM (",
      "  SELECT format('%s %s %s%s', CASE deptype WHEN 'o' THEN 'owns' ELSE 'has privileges on' END,",
      "      CASE count(*) WHEN 1 THEN '1 object' ELSE count(*) || ' objects' END,",
      "      CASE dbid WHEN 0 THEN 'of the cluster' ELSE format('in database %I', datname) END,",
      "      ', such as ' || min(CASE WHEN dbid = 0 OR datname = current_database() THEN pg_describe_object(classid, objid, objsubid) END)) AS line",
      '  FROM pg_shdepend LEFT JOIN pg_database d ON d.oid = dbid',
      `  WHERE refclassid = 'pg_authid'::regclass AND refobjid = (SELECT oid FROM pg_roles WHERE rolname = ${literal}) AND deptype IN ('o', 'a')`,
      '  GROUP BY deptype, dbid, datname ORDER BY 1 LIMIT 20) AS left_over;',
      'IF left_there IS NOT NULL THEN',
      "  RAISE EXCEPTION E'% may not log in any more, but cannot be dropped yet. It%\\n%', " +
        `quote_ident(${literal}), left_there, ${quoteLiteral(WAY_OUT)};`,
      'END IF;',
    ],
    'left_there text;',
  );
}

const WAY_OUT =
  'Hand over what it owns (ALTER … OWNER TO an owner group, or REASSIGN OWNED), and revoke its privileges in the databases ' +
  'that are named here: a database that is in the environment (databases: […]) is done by this script.';
