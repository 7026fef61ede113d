import { Trans, useLingui } from '@lingui/react/macro';
import type { Account, Entry } from '../api/types';
import { Button } from '../ui/Button';
import { ProblemNote } from '../ui/Problem';
import { Skeleton } from '../ui/Section';
import { formatMoney } from './money';
import { useEntries } from './queries';

/** The account's history, newest first. */
export function Entries({ account }: { account: Account }) {
  const entries = useEntries(account.id);
  const list = entries.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div>
      <h3 className="mb-2 text-small font-medium text-soft">
        <Trans>Recent entries</Trans>
      </h3>
      {entries.isPending && <Skeleton className="h-24" />}
      <ProblemNote error={entries.error} onRetry={() => void entries.refetch()} />
      {entries.isSuccess && list.length === 0 && (
        <p className="border-t border-line py-4 text-small text-soft">
          <Trans>Nothing has moved on this account yet. Make a deposit to begin.</Trans>
        </p>
      )}
      <ol>
        {list.map((entry) => (
          <EntryLine key={entry.id} entry={entry} account={account} />
        ))}
      </ol>
      {entries.hasNextPage && (
        <Button
          look="plain"
          className="mt-4"
          isPending={entries.isFetchingNextPage}
          onPress={() => void entries.fetchNextPage()}
        >
          <Trans>Earlier entries</Trans>
        </Button>
      )}
    </div>
  );
}

function EntryLine({ entry, account }: { entry: Entry; account: Account }) {
  const { t, i18n } = useLingui();
  const day = new Intl.DateTimeFormat(i18n.locale, { dateStyle: 'medium', timeStyle: 'short' });
  const money = (amount: number, signed = false) =>
    formatMoney(amount, account.currency, account.exponent, i18n.locale, signed);
  return (
    <li className="grid grid-cols-[1fr_auto] gap-x-4 border-t border-line py-2.5">
      <span className="min-w-0">
        <WhatFor entry={entry} />
      </span>
      <span className={`figures text-right font-medium ${entry.amount > 0 ? 'text-accent' : ''}`}>
        {money(entry.amount, true)}
      </span>
      <time dateTime={entry.created_at} className="text-fine text-soft">
        {day.format(new Date(entry.created_at))}
      </time>
      <span className="figures text-right text-fine text-soft">
        <span className="sr-only">{t`balance after`} </span>
        {money(entry.balance_after)}
      </span>
    </li>
  );
}

function WhatFor({ entry }: { entry: Entry }) {
  if (entry.kind === 'deposit') return <Trans>Money deposited</Trans>;
  if (entry.description) return entry.description;
  return entry.amount < 0 ? <Trans>Money sent</Trans> : <Trans>Money received</Trans>;
}
