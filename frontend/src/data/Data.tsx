import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { api, unwrap } from '../api/client';
import { Choice } from '../ui/Choice';
import { ProblemNote } from '../ui/Problem';
import { Empty, Skeleton } from '../ui/Section';
import { Explorer } from './Explorer';
import { UploadArea } from './UploadArea';

/** Workbooks in, charts out. */
export default function Data() {
  const { t } = useLingui();
  const datasets = useQuery({ queryKey: ['datasets'], queryFn: () => unwrap(api().GET('/v1/analytics/datasets')) });
  const { dataset: wanted } = useSearch({ from: '/' });
  const navigate = useNavigate({ from: '/' });
  const show = (id: string) => {
    // Another dataset has other columns: the rest of the view begins anew.
    const search = ({ tag, account }: { tag?: string; account?: string }) => ({
      ...(tag && { tag }),
      ...(account && { account }),
      dataset: id,
    });
    void navigate({ search, replace: true, resetScroll: false });
  };
  const list = datasets.data?.items ?? [];
  const chosen = list.find((dataset) => dataset.id === wanted) ?? list[0];
  return (
    <div className="grid gap-6">
      <UploadArea onDataset={show} />
      {datasets.isPending && <Skeleton className="h-72" />}
      <ProblemNote error={datasets.error} onRetry={() => void datasets.refetch()} />
      {datasets.isSuccess && !chosen && (
        <Empty title={t`No data yet`}>
          <Trans>Drop a workbook above: its columns are recognised, and a chart is drawn from them.</Trans>
        </Empty>
      )}
      {list.length > 1 && chosen && (
        <Choice
          label={t`Dataset`}
          value={chosen.id}
          onChange={show}
          options={list.map((dataset) => ({ value: dataset.id, label: dataset.name }))}
        />
      )}
      {chosen && <Explorer key={chosen.id} datasetId={chosen.id} />}
    </div>
  );
}
