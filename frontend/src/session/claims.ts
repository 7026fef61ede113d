/** What the page reads out of its own access token. Only the server verifies it. */
export type Claims = { sub: string; sid: string };

export function claimsOf(accessToken: string): Claims {
  const payload = (accessToken.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
  return JSON.parse(atob(payload));
}
