import { DatabaseError } from 'pg';
import { type Seen, seenIn } from '../../modules/diagnosis/seen';
import { type Door, logIn } from './log-in';

/** Tries one login and leaves again. What became of it is an answer, whatever it is: nothing is thrown. */
export async function tryLogIn(
  door: Door,
  user: string,
  password: string,
  options: { readonly replication: boolean; readonly timeoutMilliseconds: number },
): Promise<Seen> {
  try {
    await logIn(door, user, password, async () => {}, { tls: true, ...options });
    return { kind: 'admitted', text: '' };
  } catch (error) {
    if (error instanceof DatabaseError) return seenIn(error.message, error.code);
    // A name with several addresses, none of which answers, is an error without a message.
    const { message, code } = error as Error & { code?: string };
    return seenIn(message || code || 'no answer', code);
  }
}
