import { type InfiniteData, useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, unwrap } from '../api/client';
import type { Post } from '../api/types';

type Page = { items: Post[]; next_cursor: string | null };

export function useFeed(tag: string | undefined) {
  return useInfiniteQuery({
    queryKey: ['posts', tag ?? ''],
    queryFn: ({ pageParam }) =>
      unwrap(
        api().GET('/v1/posts', {
          params: { query: { limit: 10, ...(tag && { tag }), ...(pageParam && { cursor: pageParam }) } },
          // Pages may be kept by caches for seconds; asking anew by ETag is cheap and shows what is there now.
          cache: 'no-cache',
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
  });
}

export function usePublish() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (draft: { title: string; body: string; tags: string[] }) =>
      unwrap(api().POST('/v1/posts', { body: draft })),
    onSuccess: ({ published_at, ...written }) => {
      if (published_at === null) return; // a draft is in no list
      const post: Post = { ...written, published_at };
      // Shown at once in the lists it belongs to, without fetching all their pages again.
      for (const [key, feed] of queries.getQueriesData<InfiniteData<Page>>({ queryKey: ['posts'] })) {
        const tag = String(key[1] ?? '');
        if (feed && (tag === '' || post.tags.includes(tag))) queries.setQueryData(key, withPost(feed, post));
      }
    },
  });
}

function withPost(feed: InfiniteData<Page>, post: Post): InfiniteData<Page> {
  const [first, ...rest] = feed.pages;
  if (!first) return feed;
  return { ...feed, pages: [{ ...first, items: [post, ...first.items] }, ...rest] };
}
