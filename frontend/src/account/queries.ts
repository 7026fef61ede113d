import { queryOptions, useMutation } from '@tanstack/react-query';
import { api, unwrap } from '../api/client';
import { askAnew } from '../api/queries';
import { withRecentLogin } from './confirm';

/** Every key begins with 'me': one change of the account asks for all that is shown of it anew. */
export const me = queryOptions({ queryKey: ['me', 'profile'], queryFn: () => unwrap(api().GET('/v1/auth/me')) });

export const factors = queryOptions({
  queryKey: ['me', 'factors'],
  queryFn: () => unwrap(api().GET('/v1/auth/me/mfa')),
});

export const passkeys = queryOptions({
  queryKey: ['me', 'passkeys'],
  queryFn: () => unwrap(api().GET('/v1/auth/me/passkeys')),
});

export const tokens = queryOptions({
  queryKey: ['me', 'tokens'],
  queryFn: () => unwrap(api().GET('/v1/auth/me/tokens')),
});

export const sessions = queryOptions({
  queryKey: ['me', 'sessions'],
  queryFn: () => unwrap(api().GET('/v1/auth/me/sessions')),
});

export const identities = queryOptions({
  queryKey: ['me', 'identities'],
  queryFn: () => unwrap(api().GET('/v1/auth/me/identities')),
});

/** A change of the account. Asks for a sign-in where it must be a fresh one. */
export function useChange<Order, Result>(act: (order: Order) => Promise<Result>) {
  return useMutation({
    mutationFn: (order: Order) => withRecentLogin(() => act(order)),
    onSuccess: () => askAnew(['me']),
  });
}
