import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '../api/client';
import type { SignedIn } from '../api/types';
import { leave } from '../session/enter';
import { Button } from '../ui/Button';
import { List, Row } from '../ui/List';
import { ProblemNote } from '../ui/Problem';
import { Skeleton } from '../ui/Section';
import { When } from '../ui/When';
import { sessions, useChange } from './queries';
import { deviceOf } from './user-agent';

export function Sessions() {
  const { t } = useLingui();
  const found = useQuery(sessions);
  const others = useChange(() => unwrap(api().DELETE('/v1/auth/me/sessions')));
  const all = useChange(async () => {
    await unwrap(api().DELETE('/v1/auth/me/sessions', { params: { query: { including_current: true } } }));
    leave();
  });
  if (found.isError) return <ProblemNote error={found.error} onRetry={() => void found.refetch()} />;
  if (found.isPending) return <Skeleton className="h-24" />;
  return (
    <div className="grid gap-5">
      <List label={t`Sessions`}>
        {found.data.items.map((session) => (
          <SessionRow key={session.id} session={session} />
        ))}
      </List>
      <ProblemNote error={others.error ?? all.error} />
      <div className="flex flex-wrap gap-x-6 gap-y-2">
        {found.data.items.length > 1 && (
          <Button look="plain" isPending={others.isPending} onPress={() => others.mutate(undefined)}>
            <Trans>Sign out everywhere else</Trans>
          </Button>
        )}
        <Button look="quiet" isPending={all.isPending} onPress={() => all.mutate(undefined)}>
          <Trans>Sign out everywhere</Trans>
        </Button>
      </div>
    </div>
  );
}

function SessionRow({ session }: { session: SignedIn }) {
  const { t } = useLingui();
  const end = useChange(() =>
    unwrap(api().DELETE('/v1/auth/me/sessions/{session_id}', { params: { path: { session_id: session.id } } })),
  );
  const device = session.personal_token
    ? t`Program with the token “${session.personal_token}”`
    : (deviceOf(session.user_agent, t`on`) ?? t`Unknown device`);
  return (
    <Row
      title={device}
      actions={
        session.current ? (
          <span className="text-small text-accent">
            <Trans>This device</Trans>
          </span>
        ) : (
          <Button
            look="quiet"
            aria-label={t`End the session: ${device}`}
            isPending={end.isPending}
            onPress={() => end.mutate(undefined)}
          >
            <Trans>End</Trans>
          </Button>
        )
      }
    >
      {session.address} ·{' '}
      <Trans>
        signed in <When at={session.created_at} />
      </Trans>
      {' · '}
      <Trans>
        last used <When at={session.last_used_at} />
      </Trans>
      <ProblemNote error={end.error} />
    </Row>
  );
}
