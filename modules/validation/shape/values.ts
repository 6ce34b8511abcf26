import * as v from 'valibot';
import {
  iamParts,
  isAccount,
  isIamName,
  isPlace,
  isPolicyHome,
  kmsKeyParts,
  secretParts,
} from '../../names/arn';
import { notAnIdentifier } from '../../names/identifier';
import { isKnownLater } from '../../names/later';

// Single values of an environment, and how its objects are put together.

/** An object with these keys and no others; each other key is a fault of its own. */
export const object = <const Entries extends v.ObjectEntries>(entries: Entries) =>
  v.objectWithRest(entries, v.never('is not a setting here; remove it, or correct its spelling'));

/** A text that must match; `error` says what is wrong and the way out. */
export const text = (pattern: RegExp, error: string) => v.pipe(v.string(), v.regex(pattern, error));

/** An identifier of RDS. @param field what the API of RDS calls it */
export const identifier = (pattern: RegExp, field: string, error: string) =>
  v.pipe(
    v.string(),
    v.regex(pattern, ({ input }) => {
      const found = notAnIdentifier(input);
      if (found === undefined) return error;
      const { what, identifier: inIt } = found;
      const wayOut = inIt === undefined ? `write the identifier (${field})` : `write its identifier: ${inIt}`;
      return `is ${what}; ${wayOut}`;
    }),
  );

export const oneOf = <const Options extends readonly string[]>(options: Options) =>
  v.picklist(options, `is not one of ${options.join(', ')}; write one of them`);

/** An ARN of one kind; `error` says what is wrong and the way out. */
function arn(is: (given: string) => boolean, error: string) {
  return v.pipe(v.string(), v.check(is, error));
}

/** A whole number between two others; `error` says what is wrong and the way out. */
export const whole = (minimum: number, maximum: number, error: string) =>
  v.pipe(v.number(), v.integer(error), v.minValue(minimum, error), v.maxValue(maximum, error));

/** At least one; `error` says what is wrong and the way out. */
export const some = <const Item extends v.GenericSchema>(item: Item, error: string) =>
  v.pipe(v.array(item), v.minLength(1, error));

/** As the `iss` claim of the tokens says it, without `https://`. */
export const eksIssuer = v.pipe(
  v.string(),
  v.check(
    (given) => /^oidc\.eks\.[a-z0-9-]+\.amazonaws\.com(\.cn)?\/id\/[A-Z0-9]+$/.test(given),
    ({ input }) => {
      // https://docs.aws.amazon.com/eks/latest/userguide/cni-ipv6.html
      const [, dualStackRegion, id] =
        /^(?:https:\/\/)?oidc-eks\.([a-z0-9-]+)\.api\.(?:aws|amazonwebservices\.com\.cn)\/id\/([A-Z0-9]+)\/?$/.exec(
          input,
        ) ?? [];
      if (dualStackRegion !== undefined) {
        const suffix = dualStackRegion.startsWith('cn-') ? '.cn' : '';
        return (
          'is the dual-stack address of the issuer, and the tokens carry the other one, whatever the IP family of the cluster: ' +
          `a trust policy that names this one never matches; write oidc.eks.${dualStackRegion}.amazonaws.com${suffix}/id/${id}`
        );
      }
      return 'is not the issuer of an EKS cluster; write oidc.eks.<region>.amazonaws.com/id/<ID>, without https://';
    },
  ),
);

export const region = text(
  /^([a-z]{2}|eusc)(-[a-z]+)+-\d+$/,
  'is not a region; write its name, such as eu-west-1',
);
export const account = text(
  /^\d{12}$/,
  'is not an account number; write its 12 digits in quotes: "111111111111"',
);
export const tags = v.record(v.string(), v.string());
export const externalId = text(
  /^[\w+=,.@:/-]{2,1224}$/,
  'is not an external id; write 2 to 1224 letters, digits and _ + = , . @ : / -',
);
export const roleArn = arn((given) => {
  const parts = iamParts(given);
  return parts?.type === 'role' && isAccount(parts) && isIamName(parts.name, 64);
}, 'is not the ARN of a role; write arn:aws:iam::<account>:role/<name>');

export const kmsKeyArn = arn((given) => {
  const parts = kmsKeyParts(given);
  return parts !== undefined && isPlace(parts) && /^[\w/-]+$/.test(parts.id);
}, 'is not the ARN of a KMS key; write arn:aws:kms:<region>:<account>:key/<id>');

export const secretArn = arn((given) => {
  const parts = secretParts(given);
  // RDS's own have an exclamation mark: rds!cluster-…
  return parts !== undefined && isPlace(parts) && /^[\w/+=.@!-]+$/.test(parts.name);
}, 'is not the ARN of a secret; write arn:aws:secretsmanager:<region>:<account>:secret:<name>');

export const policyArn = arn((given) => {
  // Of a policy beside a construct, Terraform knows the ARN later.
  if (isKnownLater(given)) return true;
  const parts = iamParts(given);
  return parts?.type === 'policy' && isPolicyHome(parts) && isIamName(parts.name, 128);
}, 'is not the ARN of a policy; write arn:aws:iam::<account>:policy/<name>');

/** https://www.rfc-editor.org/rfc/rfc1123#page-13, underscores and IPv6 besides. */
export const host = text(
  /^(?:(?=.{1,253}$)\w(?:[\w-]*\w)?(?:\.\w(?:[\w-]*\w)?)*\.?|[\dA-Fa-f]*:[\dA-Fa-f:.]+)$/,
  'is not the name or address of a host; write it alone, without a scheme, a port or spaces',
);

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html; old ones may be longer and have capitals. */
export const bucket = text(
  /^[A-Za-z0-9][\w.-]{1,253}[A-Za-z0-9]$/,
  'is not the name of a bucket; write letters, digits, hyphens and dots',
);

export const keyPrefix = text(
  /^(?!\.{1,2}(?:\/|$))[\w.=@:+,!'()-]+(?:\/(?!\.{1,2}(?:\/|$))[\w.=@:+,!'()-]+)*$/,
  'is not a key prefix; write names with single slashes between them: teams/orders',
);

/** https://developer.hashicorp.com/terraform/language/expressions/version-constraints */
export const versionConstraint = text(
  /^\s*(?:=|!=|>=?|<=?|~>)?\s*\d+(?:\.\d+){0,2}(?:-[\w.]+)?(?:\s*,\s*(?:=|!=|>=?|<=?|~>)?\s*\d+(?:\.\d+){0,2}(?:-[\w.]+)?)*\s*$/,
  "is not a version constraint of Terraform; write one such as '>= 6.25.0, < 7.0.0'",
);

export const environmentName = v.pipe(
  text(
    /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
    'is not a name for an environment; begin with a letter, and write lower-case letters, digits and single hyphens',
  ),
  v.maxLength(24, 'is longer than 24 characters, and the names of policies are made from it; shorten it'),
);
