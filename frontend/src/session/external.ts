import { queryOptions } from '@tanstack/react-query';
import { api, unwrap } from '../api/client';

export const providers = queryOptions({
  queryKey: ['providers'],
  queryFn: () => unwrap(api().GET('/v1/auth/external/providers')),
  staleTime: Number.POSITIVE_INFINITY,
});

/** What the person went to the provider for. The provider sends them back to one page, whatever it was. */
export type Errand = 'sign-in' | 'connect';

const KEY = 'artel.external';

export function goToProvider(errand: Errand, address: string): void {
  sessionStorage.setItem(KEY, errand);
  window.location.assign(address);
}

export const errand = (): Errand => (sessionStorage.getItem(KEY) === 'connect' ? 'connect' : 'sign-in');
