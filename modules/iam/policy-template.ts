import { type Told, told } from './lint/rule';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html */
const CLOUDFORMATION_KEY = /"(?:Fn::[A-Za-z]+|Ref|AWSTemplateFormatVersion)"\s*:/;
const CLOUDFORMATION_YAML =
  /![A-Z][A-Za-z]+\s|^\s*(?:Fn::[A-Za-z]+|AWSTemplateFormatVersion|PolicyDocument)\s*:/m;
/** A block or an attribute of HCL: https://developer.hashicorp.com/terraform/language/syntax/configuration */
const HCL =
  /^\s*(?:(?:resource|data|module|locals|variable|provider|output)\b[^:\n]*\{|statement\s*\{|[a-z_]+\s*=\s*(?:\[|"|<<|jsonencode\())|\bjsonencode\(/m;
const CDK = /\bnew\s+(?:\w+\.)?Policy(?:Statement|Document)\s*\(/;

/**
 * What shows that a text is made into a policy by another program first: linting it would find nothing but what is not
 * filled in. A policy variable, `${aws:username}`, has the prefix of a service or provider, and an expression has none.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
export function templateFault(text: string): Told | undefined {
  const expression = text.match(/\$\$?\{[^{}]*\}?|%\{[^{}]*\}/g)?.find(isExpression);
  if (expression !== undefined) return ofTemplate(`${shortened(expression)} ${languageOf(expression)}`);
  const key = CLOUDFORMATION_KEY.exec(text);
  if (key) return ofTemplate(`${key[0].replace(/\s*:$/, '')} is a function of CloudFormation`);
  if (isJson(text)) return undefined;
  if (CDK.test(text)) return ofTemplate('it is a program that uses the AWS CDK');
  if (HCL.test(text)) return ofTemplate('it is written in HCL, the language of Terraform');
  if (CLOUDFORMATION_YAML.test(text)) return ofTemplate('it is a template of CloudFormation in YAML');
  return undefined;
}

function ofTemplate(why: string): Told {
  return told(
    `is a template, not a policy: ${why}`,
    'lint what it renders to; with Terraform or CDKTF, plan it and run aurora-iam review',
  );
}

function isExpression(found: string): boolean {
  // The escapes of Terraform and CloudFormation for a policy variable.
  if (found.startsWith('$$') || found.startsWith('%') || found.startsWith('${!')) return true;
  const inside = found.slice(2).replace(/\}$/, '');
  if (inside === '' || ['*', '?', '$'].includes(inside)) return false;
  // A policy variable has the prefix of its key before the first colon: aws:username, www.amazon.com:user_id.
  return inside.startsWith('AWS::') || !/^[\w.-]+:[^:]/.test(inside);
}

function languageOf(expression: string): string {
  if (/^\$\{(?:AWS::|!)/.test(expression)) return 'is replaced by CloudFormation (Fn::Sub)';
  if (/^[$#&]\{(?:Tf)?Token\[/.test(expression)) return 'is a token of the CDK, which synthesis replaces';
  if (expression.startsWith('$$')) return "is Terraform's way to write a policy variable";
  if (
    /^\$\{[A-Za-z0-9]+(?:\.[A-Za-z0-9.]+)?\}$/.test(expression) &&
    !/_/.test(expression) &&
    !/^\$\{(?:var|local|data|module|each|path|self)\./.test(expression)
  )
    return 'is replaced by CloudFormation (Fn::Sub), or by another program';
  return 'is an expression of Terraform';
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function shortened(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
