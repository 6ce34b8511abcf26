/** Something that the person at the terminal can mend: shown as one message, without a stack trace. */
export class UserError extends Error {}
