import createClient from 'openapi-fetch';
import { authorised } from '../session/authorised';
import { apiAddress } from './address';
import { OFFLINE, Problem, problemOf } from './problem';
import type { paths } from './schema';

type Api = ReturnType<typeof createClient<paths>>;

let client: Api | undefined;

/** The typed client. Built on first use, when the address is known. */
export function api(): Api {
  client ??= createClient<paths>({ baseUrl: apiAddress() || window.location.origin, fetch: authorised });
  return client;
}

type Outcome<Data> = { data?: Data; error?: unknown; response: Response };

/** The data of a call, or a `Problem` thrown: what queries and mutations want. */
export async function unwrap<Data>(call: Promise<Outcome<Data>>): Promise<NonNullable<Data>> {
  const { data, error, response } = await call.catch((cause: unknown) => {
    throw cause instanceof Problem ? cause : new Problem(OFFLINE, 0, String(cause));
  });
  if (!response.ok) throw problemOf(response, error);
  return data as NonNullable<Data>;
}

/** A value for `Idempotency-Key`. `crypto.randomUUID` exists only on https and localhost; this works on any origin. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
