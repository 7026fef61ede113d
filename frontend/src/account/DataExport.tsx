import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation, useQuery } from '@tanstack/react-query';
import { api, unwrap } from '../api/client';
import type { Export } from '../api/types';
import { Button } from '../ui/Button';
import { List, Row } from '../ui/List';
import { ProblemNote } from '../ui/Problem';
import { Skeleton } from '../ui/Section';
import { When } from '../ui/When';
import { useChange } from './queries';

const isUnderWay = ({ status }: Export): boolean => status === 'queued' || status === 'running';

/** Asked for here, made in the background, downloaded here. */
export function DataExport() {
  const { t } = useLingui();
  const found = useQuery({
    queryKey: ['me', 'exports'],
    queryFn: () => unwrap(api().GET('/v1/auth/me/export')),
    refetchInterval: ({ state }) => (state.data?.items.some(isUnderWay) ? 2000 : false),
  });
  const ask = useChange(() => unwrap(api().POST('/v1/auth/me/export')));
  if (found.isError) return <ProblemNote error={found.error} onRetry={() => void found.refetch()} />;
  if (found.isPending) return <Skeleton className="h-24" />;
  const underWay = found.data.items.some(isUnderWay);
  return (
    <div className="grid justify-items-start gap-5">
      <p className="text-small text-soft">
        <Trans>
          Everything Artel holds about you, in one zip file: profile, accounts and transfers, posts, workbooks. It takes
          a moment to make; we send a letter when it is ready, and keep it for 7 days.
        </Trans>
      </p>
      {found.data.items.length > 0 && (
        <div className="w-full" aria-live="polite">
          <List label={t`Copies of your data`}>
            {found.data.items.map((one) => (
              <ExportRow key={one.id} one={one} />
            ))}
          </List>
        </div>
      )}
      <ProblemNote error={ask.error} />
      <Button look="plain" isPending={ask.isPending} isDisabled={underWay} onPress={() => ask.mutate(undefined)}>
        <Trans>Ask for a copy</Trans>
      </Button>
    </div>
  );
}

function ExportRow({ one }: { one: Export }) {
  const { t, i18n } = useLingui();
  const states = {
    queued: t`Waiting its turn`,
    running: t`Being made`,
    ready: t`Ready`,
    failed: t`Could not be made; ask again`,
    expired: t`No longer kept`,
  };
  const download = useMutation({
    mutationFn: async () => {
      const path = { export_id: one.id };
      const detail = await unwrap(api().GET('/v1/auth/me/export/{export_id}', { params: { path } }));
      if (detail.download) window.location.assign(detail.download.url);
    },
  });
  const size = new Intl.NumberFormat(i18n.locale, { style: 'unit', unit: 'kilobyte', maximumFractionDigits: 0 });
  return (
    <Row
      title={states[one.status]}
      actions={
        one.status === 'ready' && (
          <Button isPending={download.isPending} onPress={() => download.mutate()}>
            <Trans>Download</Trans>
          </Button>
        )
      }
    >
      <Trans>
        asked for <When at={one.created_at} />
      </Trans>
      {one.status === 'ready' && one.expires_at && (
        <>
          {' · '}
          {one.bytes !== null && `${size.format(Math.ceil(one.bytes / 1000))} · `}
          <Trans>
            kept until <When at={one.expires_at} dateOnly />
          </Trans>
        </>
      )}
      <ProblemNote error={download.error} />
    </Row>
  );
}
