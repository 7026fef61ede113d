import { useSyncExternalStore } from 'react';
import { api, unwrap } from '../api/client';
import { Problem } from '../api/problem';
import { claimsOf } from '../session/claims';
import { accessToken } from '../session/session';

/** The person would not sign in again for it. */
export const NOT_CONFIRMED = 'IdentityNotConfirmed';

let settle: ((confirmed: boolean) => void) | null = null;
const listeners = new Set<() => void>();

function put(next: typeof settle): void {
  settle = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What ends the question, while there is one. */
export const useConfirmation = () => useSyncExternalStore(subscribe, () => settle);

function ask(): Promise<boolean> {
  settle?.(false);
  return new Promise((resolve) => {
    put((confirmed) => {
      put(null);
      resolve(confirmed);
    });
  });
}

/** Does it; where the server wants a sign-in of a short while ago, asks for one and does it again. */
export async function withRecentLogin<Result>(act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'ReauthenticationRequired') throw error;
  }
  const before = accessToken();
  if (!(await ask())) throw new Problem(NOT_CONFIRMED, 0, 'not confirmed');
  if (before !== null) await endFormer(before);
  return act();
}

/** The new session takes the old one's place in the list of sessions. */
async function endFormer(token: string): Promise<void> {
  const now = accessToken();
  const former = claimsOf(token);
  if (now === null || claimsOf(now).sub !== former.sub) throw new Problem(NOT_CONFIRMED, 0, 'somebody else signed in');
  const gone = api().DELETE('/v1/auth/me/sessions/{session_id}', { params: { path: { session_id: former.sid } } });
  await unwrap(gone).catch((error: unknown) => {
    if (!(error instanceof Problem) || error.status !== 404) throw error;
  });
}
