import { preflightCommand } from '../../names/commands';
import { block, quoteIdentifier, quoteLiteral, raise } from '../../names/sql';
import { DEPENDENCY_KIND_SQL, IS_DEPENDENCY_SQL } from '../dependency';
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

/** Says by name what keeps the login from being dropped in the database of the session: in a script's next one it is a number. */
export function standsHere(login: string): string {
  return block(
    [
      `${leftThereSql(login)} AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      `  ${GROUPED}`,
      'IF left_there IS NOT NULL THEN',
      `  RAISE WARNING E'% cannot be dropped yet. It%', quote_ident(${quoteLiteral(login)}), left_there;`,
      'END IF;',
    ],
    'left_there text;',
  );
}

/** Fails, with the way out, if the login owns something or has privileges that the script could not take. */
export function droppable(login: string, environment: string): string {
  return block(
    [
      leftThereSql(login),
      `  ${GROUPED}`,
      'IF left_there IS NOT NULL THEN',
      "  RAISE EXCEPTION E'% may not log in any more, but cannot be dropped yet. It%\\n%', " +
        `quote_ident(${quoteLiteral(login)}), left_there, ${quoteLiteral(wayOut(environment))};`,
      'END IF;',
    ],
    'left_there text;',
  );
}

/** PostgreSQL describes an object only in its own database. Needs `GROUPED` at its end. */
function leftThereSql(login: string): string {
  return [
    "SELECT string_agg(E'\\n  ' || line, '') INTO left_there FROM (",
    `  SELECT format('%s %s %s%s', ${DEPENDENCY_KIND_SQL},`,
    "      CASE count(*) WHEN 1 THEN '1 object' ELSE count(*) || ' objects' END,",
    "      CASE dbid WHEN 0 THEN 'of the cluster' ELSE format('in database %I', datname) END,",
    "      ', such as ' || array_to_string((array_agg(object ORDER BY object) FILTER (WHERE object IS NOT NULL))[1:3], ', ')) AS line",
    '  FROM (SELECT *, CASE WHEN dbid IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))',
    '      THEN pg_describe_object(classid, objid, objsubid) END AS object FROM pg_shdepend) AS s LEFT JOIN pg_database d ON d.oid = dbid',
    `  WHERE refclassid = 'pg_authid'::regclass AND refobjid = (SELECT oid FROM pg_roles WHERE rolname = ${quoteLiteral(login)}) AND ${IS_DEPENDENCY_SQL}`,
  ].join('\n  ');
}

const GROUPED = 'GROUP BY deptype, dbid, datname ORDER BY 1 LIMIT 20) AS left_over;';

function wayOut(environment: string): string {
  return [
    'In the databases that are named here: hand over what it owns (ALTER … OWNER TO an owner group, or REASSIGN OWNED), take it out',
    'of policies (ALTER POLICY … TO …, or DROP POLICY), and revoke its privileges. In the databases of the environment',
    '(databases: […]) this script revokes them, except where a warning above says why not.',
    `When the login is out of the environment, ${preflightCommand(environment)} names the objects in each database.`,
  ].join(' ');
}
