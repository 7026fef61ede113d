import { useLingui } from '@lingui/react/macro';
import type { Account } from '../api/types';
import { formatMoney } from './money';

type Props = { accounts: Account[]; chosen: Account; onChoose: (id: string) => void };

/** The accounts with their balances; the chosen one is what the forms and the history below are about. */
export function AccountList({ accounts, chosen, onChoose }: Props) {
  const { t, i18n } = useLingui();
  const currencies = new Intl.DisplayNames(i18n.locale, { type: 'currency' });
  return (
    <ul aria-label={t`Accounts`} className="grid gap-px overflow-hidden rounded-sheet border border-line bg-line">
      {accounts.map((account) => (
        <li key={account.id}>
          <button
            type="button"
            aria-pressed={account === chosen}
            onClick={() => onChoose(account.id)}
            className="grid w-full cursor-pointer grid-cols-[1fr_auto] items-baseline gap-x-4 border-l-4 border-transparent bg-sheet px-4 py-3 text-left -outline-offset-2 hover:bg-sunken aria-pressed:border-accent"
          >
            <span className="min-w-0 truncate font-medium">{account.name || currencies.of(account.currency)}</span>
            <span className="text-title font-semibold tracking-tight sm:text-figure">
              {formatMoney(account.balance, account.currency, account.exponent, i18n.locale)}
            </span>
            <span className="text-fine text-soft">{account.name ? currencies.of(account.currency) : ''}</span>
            {account.available !== account.balance && (
              <span className="figures text-right text-fine text-soft">
                {t`available`} {formatMoney(account.available, account.currency, account.exponent, i18n.locale)}
              </span>
            )}
          </button>
        </li>
      ))}
    </ul>
  );
}
