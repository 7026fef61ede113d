import { apiAddress } from '../api/address';
import { becomeExpired, becomeMember } from './session';

let underWay: Promise<string | null> | null = null;

/** A new access token by the refresh cookie, or null when the session is over. One request however many callers wait. */
export function renew(): Promise<string | null> {
  underWay ??= ask().finally(() => {
    underWay = null;
  });
  return underWay;
}

async function ask(): Promise<string | null> {
  const response = await fetch(`${apiAddress()}/v1/auth/refresh`, {
    method: 'POST',
    credentials: 'include',
    headers: { 'Content-Type': 'application/json' },
    body: '{}',
  });
  if (response.ok) {
    const { access_token }: { access_token: string } = await response.json();
    becomeMember(access_token);
    return access_token;
  }
  // A server that is busy or away says nothing about the session: only a refusal ends it.
  if (response.status >= 400 && response.status < 429) becomeExpired();
  return null;
}
