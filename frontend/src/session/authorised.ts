import { renew } from './renew';
import { accessToken } from './session';

/** The calls that nobody need be signed in for: a 401 of theirs is about what was sent, and not about the session. */
const PUBLIC = /\/v1\/auth\/(login|refresh|logout|register|verify-email|confirm-email|password|restore|external)(\/|$)/;

/**
 * `fetch` with the access token. A 401 in the middle of work renews the session once and repeats the request;
 * many requests that fail together share one renewal.
 */
export async function authorised(given: Request): Promise<Response> {
  const path = new URL(given.url).pathname;
  // The refresh cookie is set and dropped by several of them; it is sent to nothing else.
  const request = path.startsWith('/v1/auth/') ? new Request(given, { credentials: 'include' }) : given;
  if (PUBLIC.test(path)) return fetch(request);
  const used = accessToken();
  const again = request.clone(); // a body can be read only once
  const response = await fetch(withToken(request, used));
  if (used === null || !(await isOver(response))) return response;
  // Another request may have renewed the session while this one was under way.
  const renewed = accessToken() !== used ? accessToken() : await renew();
  return renewed === null ? response : fetch(withToken(again, renewed));
}

/** Other refusals are 401 too, as that of a wrong code: repeating one would count as a second try. */
async function isOver(response: Response): Promise<boolean> {
  if (response.status !== 401) return false;
  const body: { code?: string } | null = await response
    .clone()
    .json()
    .catch(() => null);
  return (body?.code ?? 'Unauthorized') === 'Unauthorized';
}

function withToken(request: Request, token: string | null): Request {
  if (token !== null) request.headers.set('Authorization', `Bearer ${token}`);
  return request;
}
