import { Trans, useLingui } from '@lingui/react/macro';
import { useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { api, unwrap } from '../api/client';
import { Button } from '../ui/Button';
import { Choice } from '../ui/Choice';
import { Field } from '../ui/Field';
import { fieldErrors, textsOf } from '../ui/form';
import { ProblemNote } from '../ui/Problem';
import { useMoneyChange } from './queries';

const CURRENCIES = ['EUR', 'USD', 'RUB', 'GBP', 'CHF', 'CNY', 'JPY', 'KZT', 'TRY', 'AED', 'KWD'] as const;
type Currency = (typeof CURRENCIES)[number];

export function OpenAccount({ autoFocus = false }: { autoFocus?: boolean }) {
  const { t, i18n } = useLingui();
  const [currency, setCurrency] = useState<Currency>(i18n.locale === 'ru' ? 'RUB' : 'EUR');
  const names = new Intl.DisplayNames(i18n.locale, { type: 'currency' });
  const open = useMoneyChange((order: { currency: string; name?: string }, headers) =>
    unwrap(api().POST('/v1/money/accounts', { params: { header: headers }, body: order })),
  );
  return (
    <Form
      aria-label={t`Open an account`}
      className="grid items-start gap-4 sm:grid-cols-[1fr_1fr_auto]"
      validationErrors={fieldErrors(open.error)}
      onSubmit={(event) => {
        const form = event.currentTarget;
        const { name } = textsOf(event, 'name');
        open.mutate({ currency, ...(name.trim() && { name: name.trim() }) }, { onSuccess: () => form.reset() });
      }}
    >
      <Field
        label={t`Name of the account`}
        name="name"
        maxLength={80}
        placeholder={t`Optional`}
        autoFocus={autoFocus}
      />
      <Choice
        label={t`Currency`}
        value={currency}
        onChange={setCurrency}
        options={CURRENCIES.map((code) => ({ value: code, label: `${code} · ${names.of(code)}` }))}
      />
      <Button type="submit" className="sm:mt-7" isPending={open.isPending}>
        <Trans>Open</Trans>
      </Button>
      <div className="sm:col-span-full">
        <ProblemNote error={open.error} />
        {open.isSuccess && (
          <p role="status" className="text-small text-accent">
            <Trans>The account is open.</Trans>
          </p>
        )}
      </div>
    </Form>
  );
}
