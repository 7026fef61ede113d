import { queryOptions, useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { api, newKey, unwrap } from '../api/client';
import { Problem } from '../api/problem';

export const accounts = queryOptions({
  queryKey: ['money', 'accounts'],
  queryFn: () => unwrap(api().GET('/v1/money/accounts')),
});

export function useEntries(accountId: string) {
  return useInfiniteQuery({
    queryKey: ['money', 'entries', accountId],
    queryFn: ({ pageParam }) =>
      unwrap(
        api().GET('/v1/money/accounts/{account_id}/entries', {
          params: { path: { account_id: accountId }, query: { limit: 10, ...(pageParam && { cursor: pageParam }) } },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
  });
}

/**
 * A change of money with an idempotency key. The key stays the same while the same order is tried again without an
 * answer, so that a lost answer never moves money twice. Any definite answer ends it: a refusal is remembered under its
 * key, and would be repeated even after the account has been filled.
 */
export function useMoneyChange<Order, Result>(
  send: (order: Order, headers: { 'idempotency-key': string }) => Promise<Result>,
) {
  const queries = useQueryClient();
  const attempt = useRef({ order: '', key: '' });
  const settle = () => {
    attempt.current = { order: '', key: '' };
  };
  return useMutation({
    mutationFn: (order: Order) => {
      const text = JSON.stringify(order);
      if (attempt.current.order !== text) attempt.current = { order: text, key: newKey() };
      return send(order, { 'idempotency-key': attempt.current.key });
    },
    onError: (error) => {
      if (error instanceof Problem && error.status >= 400 && error.status < 500) settle();
    },
    onSuccess: () => {
      settle();
      return queries.invalidateQueries({ queryKey: ['money'] });
    },
  });
}
