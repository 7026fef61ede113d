/** An answer that was not a success (RFC 9457), or none at all. */
export class Problem extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    detail: string,
    readonly requestId: string | null = null,
    /** Field name -> what is wrong with it. */
    readonly fields: Record<string, string> = {},
    readonly retryAfter: number | null = null,
  ) {
    super(detail);
  }
}

/** No answer came: no network, or the server is away. */
export const OFFLINE = 'Offline';

/** The session ended and could not be renewed. */
export const SIGNED_OUT = 'SignedOut';

type Body = {
  code?: string;
  detail?: string;
  message?: string;
  request_id?: string;
  errors?: { location: string; message: string }[] | null;
};

export function problemOf(response: Response, body: unknown): Problem {
  const told: Body = body && typeof body === 'object' ? body : {};
  const fields: Record<string, string> = {};
  for (const { location, message } of told.errors ?? []) {
    const name = location.replace(/^body\./, '');
    fields[name] ??= message;
  }
  const wait = Number(response.headers.get('Retry-After'));
  return new Problem(
    // The gateway in front answers 401 and 403 in its own form, without a code.
    told.code ?? (response.status === 401 ? 'Unauthorized' : `Http${response.status}`),
    response.status,
    told.detail ?? told.message ?? response.statusText,
    told.request_id ?? response.headers.get('X-Request-Id'),
    fields,
    wait > 0 ? wait : null,
  );
}
