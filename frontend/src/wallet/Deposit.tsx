import { Trans, useLingui } from '@lingui/react/macro';
import { useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { api, unwrap } from '../api/client';
import type { Account } from '../api/types';
import { Button } from '../ui/Button';
import { fieldErrors } from '../ui/form';
import { ProblemNote } from '../ui/Problem';
import { AmountField } from './AmountField';
import { formatMoney, toMinor } from './money';
import { useMoneyChange } from './queries';

/** Sandbox money: nothing leaves anybody's bank. */
export function Deposit({ account }: { account: Account }) {
  const { t, i18n } = useLingui();
  const [value, setValue] = useState(Number.NaN);
  const deposit = useMoneyChange((order: { account_id: string; amount: number; currency: string }, headers) =>
    unwrap(api().POST('/v1/money/deposits', { params: { header: headers }, body: order })),
  );
  const done = deposit.isSuccess && deposit.variables;
  return (
    <Form
      aria-label={t`Deposit`}
      className="grid items-start gap-4 sm:grid-cols-[1fr_auto]"
      validationErrors={fieldErrors(deposit.error)}
      onSubmit={(event) => {
        event.preventDefault();
        deposit.mutate(
          { account_id: account.id, amount: toMinor(value, account.exponent), currency: account.currency },
          { onSuccess: () => setValue(Number.NaN) },
        );
      }}
    >
      <AmountField account={account} value={value} onChange={setValue} autoFocus />
      <Button type="submit" className="sm:mt-7" isPending={deposit.isPending}>
        <Trans>Put it on the account</Trans>
      </Button>
      <div className="sm:col-span-full">
        <ProblemNote error={deposit.error} />
        {done && (
          <p role="status" className="text-small text-accent">
            <Trans>
              {formatMoney(done.amount, account.currency, account.exponent, i18n.locale)} has been put on the account.
            </Trans>
          </p>
        )}
      </div>
    </Form>
  );
}
