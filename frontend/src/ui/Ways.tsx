import { Trans, useLingui } from '@lingui/react/macro';

/** The ways around the page. */
export function Ways({ className }: { className: string }) {
  const { t } = useLingui();
  const way = 'grid min-h-10 place-items-center text-small text-soft hover:text-ink';
  return (
    <nav aria-label={t`Parts of the page`} className={`gap-5 ${className}`}>
      <a href="#wallet" className={way}>
        <Trans>Wallet</Trans>
      </a>
      <a href="#data" className={way}>
        <Trans>Data</Trans>
      </a>
      <a href="#posts" className={way}>
        <Trans>Posts</Trans>
      </a>
    </nav>
  );
}
