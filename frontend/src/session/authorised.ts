import { renew } from './renew';
import { accessToken } from './session';

/** The calls that need no bearer token, but carry or set the refresh cookie. */
const COOKIE_CALLS = /\/v1\/auth\/(login|refresh|logout|register)$/;

/**
 * `fetch` with the access token. A 401 in the middle of work renews the session once and repeats the request;
 * many requests that fail together share one renewal.
 */
export async function authorised(request: Request): Promise<Response> {
  if (COOKIE_CALLS.test(new URL(request.url).pathname)) {
    return fetch(new Request(request, { credentials: 'include' }));
  }
  const used = accessToken();
  const again = request.clone(); // a body can be read only once
  const response = await fetch(withToken(request, used));
  if (response.status !== 401 || used === null) return response;
  // Another request may have renewed the session while this one was under way.
  const renewed = accessToken() !== used ? accessToken() : await renew();
  return renewed === null ? response : fetch(withToken(again, renewed));
}

function withToken(request: Request, token: string | null): Request {
  if (token !== null) request.headers.set('Authorization', `Bearer ${token}`);
  return request;
}
