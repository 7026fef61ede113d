import { useSyncExternalStore } from 'react';
import { claimsOf } from './claims';

/**
 * Who is here. The access token lives only in this module's memory; the refresh token is a cookie that no script can read.
 *
 * unknown: not asked yet · visitor: nobody · member: signed in · expired: was signed in, and the session is over.
 * `expired` keeps the page and all that was typed on it; signing in again over it goes on where it stopped.
 */
export type Standing = 'unknown' | 'visitor' | 'member' | 'expired';

let token: string | null = null;
let standing: Standing = 'unknown';
// Whose page this is, also after their session has ended: signing in again must not show it to somebody else.
let person: string | null = null;
const listeners = new Set<() => void>();

// Says only that a refresh cookie is likely to exist, so that a visitor's page does not ask for a session in vain.
const HINT = 'artel.session';

function become(next: Standing, nextToken: string | null): void {
  token = nextToken;
  standing = next;
  for (const listener of listeners) listener();
}

export const accessToken = (): string | null => token;
export const lastPerson = (): string | null => person;
export const currentStanding = (): Standing => standing;
export const mayHaveSession = (): boolean => localStorage.getItem(HINT) !== null;

export function becomeMember(accessToken: string): void {
  localStorage.setItem(HINT, '1');
  person = claimsOf(accessToken).sub;
  become('member', accessToken);
}

export function becomeVisitor(): void {
  localStorage.removeItem(HINT);
  person = null;
  become('visitor', null);
}

/** The server refused to renew the session. */
export function becomeExpired(): void {
  localStorage.removeItem(HINT);
  become(standing === 'member' ? 'expired' : 'visitor', null);
}

/** The server could not be asked: show the public page, and ask again at the next load. */
export const assumeVisitor = (): void => become('visitor', null);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useStanding(): Standing {
  return useSyncExternalStore(subscribe, currentStanding);
}
