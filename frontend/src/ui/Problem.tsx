import { Trans, useLingui } from '@lingui/react/macro';
import { Problem } from '../api/problem';
import { Button } from './Button';
import { sentence } from './problem-sentence';

type Props = { error: Error | null; onRetry?: () => void };

/** What went wrong, announced to screen readers when it appears. Renders nothing without an error. */
export function ProblemNote({ error, onRetry }: Props) {
  const { i18n } = useLingui();
  if (!error) return null;
  const asked = error instanceof Problem && error.status >= 500 ? error.requestId : null;
  return (
    <div role="alert" className="rounded-control border-l-3 border-danger bg-danger-wash px-3 py-2 text-small">
      <p>{sentence(error, i18n)}</p>
      {asked && (
        <p className="mt-1 text-fine text-soft">
          <Trans>Request {asked}</Trans>
        </p>
      )}
      {onRetry && (
        <Button look="quiet" className="-ml-1" onPress={onRetry}>
          <Trans>Try again</Trans>
        </Button>
      )}
    </div>
  );
}
