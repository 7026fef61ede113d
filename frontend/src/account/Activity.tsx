import { Trans, useLingui } from '@lingui/react/macro';
import { useInfiniteQuery } from '@tanstack/react-query';
import { api, unwrap } from '../api/client';
import { Button } from '../ui/Button';
import { List, Row } from '../ui/List';
import { ProblemNote } from '../ui/Problem';
import { Skeleton } from '../ui/Section';
import { When } from '../ui/When';
import { eventName } from './events';
import { deviceOf } from './user-agent';

export function Activity() {
  const { t, i18n } = useLingui();
  const found = useInfiniteQuery({
    queryKey: ['me', 'audit'],
    queryFn: ({ pageParam }) =>
      unwrap(
        api().GET('/v1/auth/me/audit', { params: { query: { limit: 20, ...(pageParam && { cursor: pageParam }) } } }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
  });
  if (found.isError) return <ProblemNote error={found.error} onRetry={() => void found.refetch()} />;
  if (found.isPending) return <Skeleton className="h-40" />;
  return (
    <div className="grid justify-items-start gap-4">
      <div className="w-full">
        <List label={t`What happened lately`}>
          {found.data.pages
            .flatMap((page) => page.items)
            .map((entry) => (
              <Row key={entry.id} title={eventName(entry.event, i18n)}>
                <When at={entry.at} />
                {entry.by === 'administrator' && (
                  <>
                    {' · '}
                    <Trans>by an administrator</Trans>
                  </>
                )}
                {entry.address && ` · ${[deviceOf(entry.user_agent, t`on`), entry.address].filter(Boolean).join(', ')}`}
              </Row>
            ))}
        </List>
      </div>
      {found.hasNextPage && (
        <Button look="plain" isPending={found.isFetchingNextPage} onPress={() => void found.fetchNextPage()}>
          <Trans>Show more</Trans>
        </Button>
      )}
    </div>
  );
}
