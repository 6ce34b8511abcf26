/** Exit codes of `doctor`, for scripts: what a login ended with is more than whether a fault was found. */
export const DOCTOR_EXIT = {
  /** The login was admitted, or nothing that was looked at stands in its way. */
  healthy: 0,
  /** The cause is found. */
  cause: 1,
  /** Refused, and the cause is not found: what is left is listed. */
  unexplained: 2,
  /** It could not look: the command line, the project, or something that decides. */
  notLooked: 3,
} as const;
