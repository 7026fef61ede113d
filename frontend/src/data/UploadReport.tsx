import { Plural, Trans, useLingui } from '@lingui/react/macro';
import type { Upload, UploadProblem } from '../api/types';
import { Progress } from '../ui/Progress';

/** Where the ingestion of a workbook stands, and in the end what could not be read. */
export function UploadReport({ upload }: { upload: Upload }) {
  const { t } = useLingui();
  if (upload.state === 'waiting' || upload.state === 'processing') {
    return <Progress label={t`Reading ${upload.filename}`} percent={upload.percent} />;
  }
  if (upload.state === 'failed') {
    return (
      <div role="alert" className="rounded-control border-l-3 border-danger bg-danger-wash px-3 py-2 text-small">
        <p className="font-medium">
          <Trans>{upload.filename} could not be read</Trans>
        </p>
        <p>{upload.error}</p>
        <Problems problems={upload.problems} count={upload.problems_count} />
      </div>
    );
  }
  return (
    <div className="text-small">
      <p role="status">
        <span className="font-medium">{upload.filename}</span>:{' '}
        <Plural value={upload.rows_read} one="# row read" other="# rows read" />
        {upload.rows_refused > 0 && (
          <>
            , <Plural value={upload.rows_refused} one="# row refused" other="# rows refused" />
          </>
        )}
      </p>
      <Problems problems={upload.problems} count={upload.problems_count} />
    </div>
  );
}

function Problems({ problems, count }: { problems: UploadProblem[]; count: number }) {
  const { t } = useLingui();
  if (problems.length === 0) return null;
  return (
    <details className="mt-2" open>
      <summary className="cursor-pointer py-1 text-copper">
        <Plural value={count} one="# cell needs a look" other="# cells need a look" />
      </summary>
      <section
        aria-label={t`Problems in the workbook`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
        tabIndex={0}
        className="max-h-56 overflow-auto rounded-control border border-line"
      >
        <table className="w-full text-left text-fine">
          <thead className="sticky top-0 bg-sunken">
            <tr>
              <th className="px-3 py-1.5 font-medium">{t`Sheet`}</th>
              <th className="px-3 py-1.5 font-medium">{t`Cell`}</th>
              <th className="px-3 py-1.5 font-medium">{t`Value`}</th>
              <th className="px-3 py-1.5 font-medium">{t`What is wrong`}</th>
            </tr>
          </thead>
          <tbody>
            {problems.map((problem, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a cell may have two problems, and the list never changes.
              <tr key={place} className="border-t border-line align-top">
                <td className="px-3 py-1.5">{problem.sheet}</td>
                <td className="px-3 py-1.5">{problem.cell}</td>
                <td className="px-3 py-1.5">{problem.value}</td>
                <td className="px-3 py-1.5">{problem.reason}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}
