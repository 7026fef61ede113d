import { Trans, useLingui } from '@lingui/react/macro';
import { Link, useSearch } from '@tanstack/react-router';
import { useStanding } from '../session/session';
import { Button } from '../ui/Button';
import { ProblemNote } from '../ui/Problem';
import { Empty, Skeleton } from '../ui/Section';
import { PostCard } from './PostCard';
import { useFeed } from './queries';

/** Everybody's posts, newest first. */
export function Feed() {
  const { tag } = useSearch({ from: '/' });
  const feed = useFeed(tag);
  const posts = feed.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div>
      {tag && <Filter tag={tag} />}
      {feed.isPending && <Places />}
      <ProblemNote error={feed.error} onRetry={() => void feed.refetch()} />
      {feed.isSuccess && posts.length === 0 && <Nothing tag={tag} />}
      <div className="grid gap-8">
        {posts.map((post) => (
          <PostCard key={post.id} post={post} />
        ))}
      </div>
      {feed.hasNextPage && (
        <Button
          look="plain"
          className="mt-8"
          isPending={feed.isFetchingNextPage}
          onPress={() => void feed.fetchNextPage()}
        >
          <Trans>Earlier posts</Trans>
        </Button>
      )}
    </div>
  );
}

function Filter({ tag }: { tag: string }) {
  return (
    <p className="mb-6 flex items-baseline gap-3 text-small">
      <Trans>
        Posts about <strong>{tag}</strong>
      </Trans>
      <Link
        to="/"
        search={({ tag: _tag, ...others }) => others}
        resetScroll={false}
        className="text-accent underline underline-offset-4"
      >
        <Trans>Show all</Trans>
      </Link>
    </p>
  );
}

function Nothing({ tag }: { tag: string | undefined }) {
  const { t } = useLingui();
  const standing = useStanding();
  return (
    <Empty title={tag ? t`No posts about this yet` : t`No posts yet`}>
      {standing === 'member' ? (
        <Trans>Write the first one above.</Trans>
      ) : (
        <Trans>Sign in and write the first one.</Trans>
      )}
    </Empty>
  );
}

function Places() {
  return (
    <div className="grid gap-8" aria-busy="true">
      {[0, 1, 2].map((place) => (
        <div key={place} className="grid gap-3">
          <Skeleton className="h-6 w-3/4" />
          <Skeleton className="h-16" />
        </div>
      ))}
    </div>
  );
}
