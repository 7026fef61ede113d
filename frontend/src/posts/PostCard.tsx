import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, unwrap } from '../api/client';
import type { Post } from '../api/types';
import { Button } from '../ui/Button';
import { ProblemNote } from '../ui/Problem';
import { Skeleton } from '../ui/Section';

export function PostCard({ post }: { post: Post }) {
  const { i18n } = useLingui();
  const [open, setOpen] = useState(false);
  const day = new Intl.DateTimeFormat(i18n.locale, { dateStyle: 'medium' });
  return (
    <article aria-labelledby={`post-${post.id}`}>
      <h3 id={`post-${post.id}`} className="text-lead tracking-tight">
        {post.title}
      </h3>
      <p className="mt-0.5 text-fine text-soft">
        {post.author.display_name} · <time dateTime={post.published_at}>{day.format(new Date(post.published_at))}</time>
      </p>
      {open ? <Whole id={post.id} /> : <p className="mt-2 max-w-prose">{post.excerpt}</p>}
      <div className="mt-1 flex flex-wrap items-center gap-x-3">
        <Button look="quiet" className="-ml-1" aria-expanded={open} onPress={() => setOpen(!open)}>
          {open ? <Trans>Close</Trans> : <Trans>Read</Trans>}
        </Button>
        {post.tags.map((tag) => (
          <Link
            key={tag}
            to="/"
            search={(before) => ({ ...before, tag })}
            resetScroll={false}
            className="py-1 text-fine text-copper underline-offset-4 hover:underline"
          >
            #{tag}
          </Link>
        ))}
      </div>
    </article>
  );
}

function Whole({ id }: { id: string }) {
  const post = useQuery({
    queryKey: ['post', id],
    queryFn: () => unwrap(api().GET('/v1/posts/{post_id}', { params: { path: { post_id: id } } })),
  });
  if (post.isPending) return <Skeleton className="mt-3 h-16" />;
  if (post.isError) return <ProblemNote error={post.error} onRetry={() => void post.refetch()} />;
  if (post.data.html === null) {
    return (
      <p className="mt-2 max-w-prose text-soft">
        <Trans>Whoever has bought this post can read the whole of it.</Trans>
      </p>
    );
  }
  // biome-ignore lint/security/noDangerouslySetInnerHtml: the server renders and sanitises it; it never stores raw HTML.
  return <div className="prose mt-2 max-w-prose" dangerouslySetInnerHTML={{ __html: post.data.html }} />;
}
