import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { ProblemNote } from '../ui/Problem';
import { Empty, Skeleton } from '../ui/Section';
import { AccountList } from './AccountList';
import { Actions } from './Actions';
import { Entries } from './Entries';
import { OpenAccount } from './OpenAccount';
import { accounts } from './queries';

export default function Wallet() {
  const { t } = useLingui();
  const found = useQuery(accounts);
  const { account: wanted } = useSearch({ from: '/' });
  const navigate = useNavigate({ from: '/' });
  // The form that opened the very first account gives way to the account: the keyboard goes on to what can be done.
  const wasEmpty = useRef(false);
  useEffect(() => {
    if (found.isSuccess) wasEmpty.current = found.data.items.length === 0;
  }, [found.isSuccess, found.data]);
  if (found.isPending) return <Skeleton className="h-40" />;
  if (found.isError) return <ProblemNote error={found.error} onRetry={() => void found.refetch()} />;
  const list = found.data.items;
  const chosen = list.find((account) => account.id === wanted) ?? list[0];
  if (!chosen) {
    return (
      <div className="grid gap-6">
        <Empty title={t`No accounts yet`}>
          <Trans>Open one in any currency. It costs nothing, and the sandbox puts money on it at once.</Trans>
        </Empty>
        <OpenAccount />
      </div>
    );
  }
  return (
    <div className="grid gap-7">
      <AccountList
        accounts={list}
        chosen={chosen}
        onChoose={(id) =>
          void navigate({ search: (before) => ({ ...before, account: id }), replace: true, resetScroll: false })
        }
      />
      <Actions account={chosen} autoFocus={wasEmpty.current} />
      <Entries account={chosen} />
    </div>
  );
}
