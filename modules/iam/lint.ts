import { PolicyDocumentError, parsePolicyDocument } from './evaluator/parse-policy-document';
import { lintedStatement } from './lint/linted-statement';
import { RULES } from './lint/rules';
import type { PolicyDocument } from './policy-document';

/** Something in a policy document that does not do what its author most likely means. */
export interface Finding {
  /** The Sid, or the number from 1; `document` for what concerns all of it. */
  readonly statement: string;
  /** Stable: for scripts. */
  readonly rule: string;
  /** What is wrong, and the way out, in one line. */
  readonly message: string;
}

/**
 * Looks for the mistakes that end in `PAM authentication failed`, or in more access than was meant.
 * It knows the rules of rds-db:connect and judges nothing of other actions; it never throws for what the text says:
 * a document that cannot be read is one finding.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.IAMPolicy.html
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrdsiamauthentication.html
 */
export function lintPolicy(text: string): Finding[] {
  let document: PolicyDocument;
  try {
    document = parsePolicyDocument(text);
  } catch (error) {
    if (!(error instanceof PolicyDocumentError)) throw error;
    const why = error.because === 'grammar' ? 'the IAM grammar does not allow it, so ' : '';
    return distinct([finding('document', 'malformed', `${error.message}; ${why}correct it first`)]);
  }
  const variables = document.Version === '2012-10-17';
  const inDocument = RULES.flatMap(({ id, inDocument }) =>
    (inDocument?.(document, text) ?? []).map((message) => finding('document', id, message)),
  );
  const inStatements = [document.Statement].flat().flatMap((statement, index) => {
    const linted = lintedStatement(statement, variables);
    return RULES.flatMap(({ id, inStatement }) =>
      (inStatement?.(linted) ?? []).map((message) =>
        finding(statement.Sid || String(index + 1), id, message),
      ),
    );
  });
  return distinct([...inDocument, ...inStatements]);
}

function finding(statement: string, rule: string, message: string): Finding {
  return { statement, rule, message: oneLine(message) };
}

/** By its text: many ARNs with the same wrong id are one mistake. */
function distinct(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((each) => [JSON.stringify(each), each])).values()];
}

/** What a document says reaches a terminal: control characters in it are shown, not obeyed. */
function oneLine(text: string): string {
  return text.replace(
    /\p{Cc}|\p{Surrogate}/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
