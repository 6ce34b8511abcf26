import type { RuleId } from '../findings/catalogue';
import { type Finding, fault, note } from '../findings/finding';
import { PolicyDocumentError, parsePolicyDocument } from './evaluator/parse-policy-document';
import { lintedStatement, statementName } from './lint/linted-statement';
import type { Rule, Told } from './lint/rule';
import { LINT_RULES } from './lint/rules';
import type { PolicyDocument } from './policy-document';
import { templateFault } from './policy-template';

/**
 * Looks for the mistakes that end in `PAM authentication failed`, or in more access than was meant.
 * It knows the rules of rds-db:connect and judges nothing of other actions; it never throws for what the text says:
 * a document that cannot be read is one finding. Where a finding is: the Sid of the statement or its number from 1, or the
 * document.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.IAMPolicy.html
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrdsiamauthentication.html
 */
export function lintPolicy(text: string): Finding[] {
  const template = templateFault(text);
  if (template) return [finding('template', 'document', template)];
  let document: PolicyDocument;
  try {
    document = parsePolicyDocument(text);
  } catch (error) {
    if (!(error instanceof PolicyDocumentError)) throw error;
    const why = error.because === 'grammar' ? 'the IAM grammar does not allow it, so ' : '';
    const told = { message: error.message, wayOut: `${why}correct it first` };
    return [finding('malformed', 'document', told)];
  }
  const variables = document.Version === '2012-10-17';
  const statements = [document.Statement].flat().map((statement) => lintedStatement(statement, variables));
  const ofDocument = (rules: readonly Rule[]) =>
    rules.flatMap(({ id, inDocument }) =>
      (inDocument?.(document, text, statements) ?? []).map((told) => finding(id, 'document', told)),
    );
  const inStatements = statements.flatMap((linted, index) =>
    LINT_RULES.flatMap(({ id, inStatement }) =>
      (inStatement?.(linted) ?? []).map((told) => finding(id, statementName(linted.statement, index), told)),
    ),
  );
  // What the document comes to, after what is wrong in it.
  const [sum, before] = [LINT_RULES.slice(-1), LINT_RULES.slice(0, -1)];
  return distinct([...ofDocument(before), ...inStatements, ...ofDocument(sum)]);
}

function finding(rule: RuleId, where: string, { message, wayOut, isNote }: Told): Finding {
  return (isNote ? note : fault)(rule, shown(where), shown(message), shown(wayOut));
}

/** By its text: many ARNs with the same wrong id are one mistake. */
function distinct(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((each) => [JSON.stringify(each), each])).values()];
}

/** What a document says reaches a terminal: control characters in it are shown, not obeyed. */
function shown(text: string): string {
  return text.replace(
    /\p{Cc}|\p{Surrogate}/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
