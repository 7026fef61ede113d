import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { api, unwrap } from '../api/client';
import type { Dataset } from '../api/types';
import { ProblemNote } from '../ui/Problem';
import { Empty, Skeleton } from '../ui/Section';
import { Controls } from './Controls';
import { viewOf } from './defaults';
import { useNames } from './names';
import { PointTable } from './PointTable';
import { queryOf, type View } from './query';
import { pointsOf } from './series';

// Recharts weighs as much as the rest of the page: fetched when there is something to draw.
const Chart = lazy(() => import('./Chart'));

export function Explorer({ datasetId }: { datasetId: string }) {
  const { t } = useLingui();
  const dataset = useQuery({
    queryKey: ['datasets', datasetId],
    queryFn: () =>
      unwrap(api().GET('/v1/analytics/datasets/{dataset_id}', { params: { path: { dataset_id: datasetId } } })),
  });
  const { table, measure, by, grain } = useSearch({ from: '/' });
  if (dataset.isPending) return <Skeleton className="h-72" />;
  if (dataset.isError) return <ProblemNote error={dataset.error} onRetry={() => void dataset.refetch()} />;
  const view = viewOf(dataset.data.tables, {
    ...(table && { table }),
    ...(measure && { measure }),
    ...(by && { by }),
    grain,
  });
  if (!view) {
    return (
      <Empty title={t`Nothing to draw`}>
        <Trans>This workbook has neither dates nor groups to split a chart by.</Trans>
      </Empty>
    );
  }
  return <Drawing dataset={dataset.data} view={view} />;
}

function Drawing({ dataset, view }: { dataset: Dataset; view: View }) {
  const { t, i18n } = useLingui();
  const navigate = useNavigate({ from: '/' });
  const names = useNames(dataset);
  const query = queryOf(view);
  const answer = useQuery({
    queryKey: ['datasets', dataset.id, 'query', query],
    queryFn: () =>
      unwrap(
        api().POST('/v1/analytics/datasets/{dataset_id}/query', {
          params: { path: { dataset_id: dataset.id } },
          body: query,
        }),
      ),
    // The last drawing stays until the next is there: no jump.
    placeholderData: (before) => before,
  });
  const points = answer.data ? pointsOf(answer.data, view.grain, i18n.locale, t`(empty)`) : [];
  const change = (part: Partial<View>) =>
    void navigate({ search: (before) => ({ ...before, ...part }), replace: true, resetScroll: false });
  return (
    <figure aria-labelledby="chart-title" className="grid min-w-0 gap-4">
      <figcaption>
        <h3 id="chart-title" className="text-lead tracking-tight">
          {names.measure(view.measure)} <span className="text-soft">· {names.by(view)}</span>
        </h3>
        <p className="text-fine text-soft">{dataset.name}</p>
      </figcaption>
      <Controls dataset={dataset} view={view} onChange={change} />
      <ProblemNote error={answer.error} onRetry={() => void answer.refetch()} />
      {answer.isPending && <Skeleton className="h-72" />}
      {answer.data && points.length === 0 && <p className="text-small text-soft">{t`No rows match.`}</p>}
      {points.length > 0 && (
        <>
          <Suspense fallback={<Skeleton className="h-72" />}>
            <Chart points={points} isTime={view.grain !== undefined} title={names.measure(view.measure)} />
          </Suspense>
          {answer.data?.truncated && (
            <p className="text-fine text-soft">{t`Only the first groups are shown; there are more.`}</p>
          )}
          <PointTable points={points} by={names.by(view)} measure={names.measure(view.measure)} />
        </>
      )}
    </figure>
  );
}
