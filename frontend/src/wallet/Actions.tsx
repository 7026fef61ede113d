import { Trans, useLingui } from '@lingui/react/macro';
import { useId, useState } from 'react';
import { ToggleButton } from 'react-aria-components/ToggleButton';
import type { Account } from '../api/types';
import { AccountNumber } from './AccountNumber';
import { Deposit } from './Deposit';
import { OpenAccount } from './OpenAccount';
import { Send } from './Send';

type Action = 'deposit' | 'send' | 'open';

const look =
  'min-h-10 cursor-pointer rounded-control border border-line-strong px-4 text-small font-medium hover:bg-sunken ' +
  'selected:border-accent selected:bg-accent-wash data-selected:border-accent data-selected:bg-accent-wash';

/** What can be done with the chosen account; one form at a time. */
export function Actions({ account, autoFocus }: { account: Account; autoFocus: boolean }) {
  const { t } = useLingui();
  const [open, setOpen] = useState<Action | null>(null);
  const panel = useId();
  const names: Record<Action, string> = { deposit: t`Deposit`, send: t`Send`, open: t`Open an account` };
  return (
    <div>
      <div className="flex flex-wrap items-center gap-2">
        {(['deposit', 'send', 'open'] as const).map((action) => (
          <ToggleButton
            key={action}
            className={look}
            autoFocus={autoFocus && action === 'deposit'}
            isSelected={open === action}
            aria-expanded={open === action}
            aria-controls={panel}
            onChange={(selected) => setOpen(selected ? action : null)}
          >
            {names[action]}
          </ToggleButton>
        ))}
      </div>
      <div id={panel} className="empty:hidden mt-4">
        {open === 'deposit' && <Deposit key={account.id} account={account} />}
        {open === 'send' && <Send key={account.id} account={account} />}
        {open === 'open' && <OpenAccount autoFocus />}
      </div>
      <p className="mt-4 text-fine text-soft">
        <Trans>To be paid, give others this account number:</Trans> <AccountNumber id={account.id} />
      </p>
    </div>
  );
}
