import { Trans, useLingui } from '@lingui/react/macro';
import { useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { api, unwrap } from '../api/client';
import type { Account } from '../api/types';
import { Button } from '../ui/Button';
import { Field } from '../ui/Field';
import { fieldErrors, textsOf } from '../ui/form';
import { ProblemNote } from '../ui/Problem';
import { AmountField } from './AmountField';
import { formatMoney, toMinor } from './money';
import { useMoneyChange } from './queries';

type Order = { from_account_id: string; to_account_id: string; amount: number; currency: string; description?: string };

export function Send({ account }: { account: Account }) {
  const { t, i18n } = useLingui();
  const [value, setValue] = useState(Number.NaN);
  const send = useMoneyChange((order: Order, headers) =>
    unwrap(api().POST('/v1/money/transfers', { params: { header: headers }, body: order })),
  );
  const done = send.isSuccess && send.variables;
  return (
    <Form
      aria-label={t`Send`}
      className="grid items-start gap-4 sm:grid-cols-2"
      validationErrors={fieldErrors(send.error)}
      onSubmit={(event) => {
        const form = event.currentTarget;
        const { to, description } = textsOf(event, 'to', 'description');
        const order: Order = {
          from_account_id: account.id,
          to_account_id: to.trim(),
          amount: toMinor(value, account.exponent),
          currency: account.currency,
          ...(description.trim() && { description: description.trim() }),
        };
        const forget = () => {
          form.reset();
          setValue(Number.NaN);
        };
        send.mutate(order, { onSuccess: forget });
      }}
    >
      <div className="sm:col-span-full">
        <Field label={t`To account number`} name="to" isRequired autoFocus autoComplete="off" spellCheck="false" />
      </div>
      <AmountField account={account} value={value} onChange={setValue} />
      <Field label={t`What for`} name="description" maxLength={140} placeholder={t`Optional`} />
      <div className="grid gap-3 sm:col-span-full">
        <ProblemNote error={send.error} />
        {done && (
          <p role="status" className="text-small text-accent">
            <Trans>{formatMoney(done.amount, account.currency, account.exponent, i18n.locale)} has been sent.</Trans>
          </p>
        )}
        <Button type="submit" className="justify-self-start" isPending={send.isPending}>
          {Number.isNaN(value) ? (
            <Trans>Send</Trans>
          ) : (
            <Trans>
              Send {formatMoney(toMinor(value, account.exponent), account.currency, account.exponent, i18n.locale)}
            </Trans>
          )}
        </Button>
      </div>
    </Form>
  );
}
