import type { RuleId } from '../findings/catalogue';
import type { Finding } from '../findings/finding';
import { TOKEN_LIFETIME_SECONDS } from '../iam/token';
import { ago } from './ago';
import { lines, sentence, wayOut } from './answer-lines';
import { cuttingClients } from './causes/token-cut-by-client';
import { type Facts, knownOf } from './facts';
import { TOKEN_CAUSES } from './token-causes';
import { byTemporaryKey, shownToken } from './token-reading';

/** What is wrong with the token, in the order in which it has to be mended. */
export function tokenFindings(facts: Facts): Finding<RuleId>[] {
  return TOKEN_CAUSES.map(({ judge }) => judge(facts)).flatMap((judged) =>
    judged.is === 'found' ? [judged.finding] : [],
  );
}

/** The parameters of a token, and what is wrong with it. */
export function tokenText(findings: readonly Finding[], facts: Facts): string {
  const reading = knownOf(facts.token);
  const shown = [...(reading?.shown ?? []), ...furtherRows(facts)];
  const width = Math.max(0, ...shown.map(({ name }) => name.length));
  const harmless = reading?.damage.filter(({ kind }) => kind === 'wrapping') ?? [];
  return lines([
    ...(findings.length === 0
      ? ['Nothing is wrong with the token itself. Whether IAM lets its signer connect is not in it.']
      : findings.flatMap((finding) => [sentence(finding), ...wayOut(finding)])),
    '',
    ...shown.map(({ name, value }) => `${name.padEnd(width)}  ${value}`),
    ...harmless.map(({ message, wayOut: out }) => `Note: the text ${message}; ${out}.`),
    ...(reading && !reading.isOther && cuttingClients(reading).length > 0
      ? [`Note: these clients cut a token of this length: ${cuttingClients(reading).join('; ')}.`]
      : []),
  ]);
}

/** For scripts. */
export function tokenJson(findings: readonly Finding[], facts: Facts): string {
  const [cause = null, ...also] = findings;
  const outcome = cause ? 'cause' : 'healthy';
  const reading = knownOf(facts.token);
  return `${JSON.stringify({ outcome, cause, also, token: reading && shownToken(reading) }, null, 2)}\n`;
}

function furtherRows({ token, now }: Facts): { readonly name: string; readonly value: string }[] {
  const { parts, length, isOther } = knownOf(token) ?? {};
  if (isOther) return [];
  const age = parts && Math.floor((now.getTime() - parts.signedAt.getTime()) / 1000);
  const left =
    parts && age !== undefined ? Math.min(parts.expiresSeconds, TOKEN_LIFETIME_SECONDS) - age : undefined;
  return [
    ...(age !== undefined && left !== undefined && age >= 0
      ? [
          {
            name: 'age',
            value: `${ago(age)}${left > 0 ? `, good for a new connection for another ${ago(left)}` : ''}`,
          },
        ]
      : []),
    // Of a token that is cut off, nobody knows what stood behind.
    ...(parts === undefined
      ? []
      : [
          {
            name: 'signed by',
            value:
              parts.securityTokenLength === undefined && !byTemporaryKey(parts)
                ? 'a long-term key'
                : 'temporary credentials',
          },
        ]),
    { name: 'length', value: `${length ?? 0} characters` },
  ];
}
