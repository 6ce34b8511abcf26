const REFERENCE = /\$\{TfToken\[[a-zA-Z0-9:._-]+\]\}/;

/**
 * Whether a text holds a value that Terraform knows later: CDKTF writes a token into its place. It is recognized here
 * by its form, so that nothing below modules/stacks/ has to load cdktf; a test holds this against `Token.isUnresolved`.
 */
export function isKnownLater(text: string): boolean {
  return REFERENCE.test(text);
}

/** As `isKnownLater`, and the only item of a list or the only key of a map, which have tokens of their own. */
export function hasReference(text: string): boolean {
  return /[$#&]\{TfToken\[[a-zA-Z0-9:._-]+\]\}/.test(text);
}

/** The text with all of it changed but its references. */
export function aroundReferences(text: string, change: (written: string) => string): string {
  return text
    .split(new RegExp(`(${REFERENCE.source})`))
    .map((part, index) => (index % 2 === 0 ? change(part) : part))
    .join('');
}

/** What stands before, between and after the references of a text. */
export function writtenAround(text: string): string[] {
  return text.split(REFERENCE);
}
