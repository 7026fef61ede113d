import { api, unwrap } from '../api/client';
import { queries } from '../api/queries';
import { focusOn } from '../ui/focus';
import { renew } from './renew';
import { assumeVisitor, becomeMember, becomeVisitor, currentStanding, mayHaveSession } from './session';

/** At load: a visitor costs no request; whoever was signed in gets an access token by the refresh cookie. */
export async function restoreSession(): Promise<void> {
  if (mayHaveSession()) await renew().catch(() => null);
  if (currentStanding() === 'unknown') assumeVisitor();
}

export async function signIn(email: string, password: string): Promise<void> {
  const { access_token } = await unwrap(api().POST('/v1/auth/login', { body: { email, password } }));
  const again = currentStanding() === 'expired';
  // The new session may be somebody else's: nothing of the last one may be seen.
  if (!again) queries.clear();
  becomeMember(access_token);
  // The form that had the focus is gone. (Signing in again is a dialog, which gives it back by itself.)
  if (!again) focusOn('main');
  await queries.invalidateQueries();
}

export async function signOut(): Promise<void> {
  try {
    await unwrap(api().POST('/v1/auth/logout', { body: {} }));
  } finally {
    becomeVisitor();
    queries.clear();
    focusOn('main');
  }
}
