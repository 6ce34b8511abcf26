/**
 * Whether a text holds a value that Terraform knows later: CDKTF writes a token into its place. It is recognized here
 * by its form, so that nothing below modules/stacks/ has to load cdktf; a test holds this against `Token.isUnresolved`.
 */
export function isKnownLater(text: string): boolean {
  return /\$\{TfToken\[[a-zA-Z0-9:._-]+\]\}/.test(text);
}
