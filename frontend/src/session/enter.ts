import { api, unwrap } from '../api/client';
import { queries } from '../api/queries';
import { focusOn } from '../ui/focus';
import { claimsOf } from './claims';
import { askForPasskey } from './passkey';
import { renew } from './renew';
import { assumeVisitor, becomeMember, becomeVisitor, currentStanding, lastPerson, mayHaveSession } from './session';

/** A code of the authenticator app, or one of the recovery codes. */
export type SecondFactor = { code: string } | { recovery_code: string };

/** At load: a visitor costs no request; whoever was signed in gets an access token by the refresh cookie. */
export async function restoreSession(): Promise<void> {
  if (mayHaveSession()) await renew().catch(() => null);
  if (currentStanding() === 'unknown') assumeVisitor();
}

/** After something that may have ended this browser's session on purpose: nobody has to be told that it is over. */
export async function lookAgain(): Promise<void> {
  if (mayHaveSession() && (await renew().catch(() => null)) === null) becomeVisitor();
}

/** Gives the challenge for the second factor where there is one; null when the person is in. */
export async function signIn(email: string, password: string): Promise<string | null> {
  const answer = await unwrap(api().POST('/v1/auth/login', { body: { email, password } }));
  if ('challenge' in answer) return answer.challenge;
  await enter(answer.access_token);
  return null;
}

export async function signInWithCode(challenge: string, factor: SecondFactor): Promise<void> {
  const { access_token } = await unwrap(api().POST('/v1/auth/login/mfa', { body: { challenge, ...factor } }));
  await enter(access_token);
}

export async function signInWithPasskey(): Promise<void> {
  const { challenge, options } = await unwrap(api().POST('/v1/auth/login/passkey/options'));
  const credential = await askForPasskey(options);
  const { access_token } = await unwrap(
    api().POST('/v1/auth/login/passkey/verify', { body: { challenge, credential } }),
  );
  await enter(access_token);
}

/** Every way in ends here. */
export async function enter(accessToken: string): Promise<void> {
  const again = lastPerson() === claimsOf(accessToken).sub;
  // The new session may be somebody else's: nothing of the last one may be seen.
  if (!again) queries.clear();
  becomeMember(accessToken);
  // The form that had the focus is gone. (Signing in again is a dialog, which gives it back by itself.)
  if (!again) focusOn('main');
  await queries.invalidateQueries();
}

export async function signOut(): Promise<void> {
  try {
    await unwrap(api().POST('/v1/auth/logout', { body: {} }));
  } finally {
    leave();
  }
}

/** The session is over by the person's own wish. */
export function leave(): void {
  becomeVisitor();
  queries.clear();
  focusOn('main');
}
