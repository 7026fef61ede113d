import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { api, unwrap } from '../api/client';
import { Button } from '../ui/Button';
import { Choice } from '../ui/Choice';
import { Field } from '../ui/Field';
import { fieldErrors, textsOf } from '../ui/form';
import { ProblemNote } from '../ui/Problem';
import { me, useChange } from './queries';
import { scopeName, tokenScopes } from './scopes';

type Order = { name: string; scope: string; expires_in_days: number };

export function NewToken({ onMade }: { onMade: (token: string) => void }) {
  const { t, i18n } = useLingui();
  const person = useQuery(me);
  const [days, setDays] = useState('90');
  const [withoutRights, setWithoutRights] = useState(false);
  const make = useChange((order: Order) => unwrap(api().POST('/v1/auth/me/tokens', { body: order })));
  const submit = (event: FormEvent<HTMLFormElement>) => {
    const scope = new FormData(event.currentTarget).getAll('scope').join(' ');
    const { name } = textsOf(event, 'name');
    setWithoutRights(scope === '');
    if (scope === '') return;
    make.mutate({ name, scope, expires_in_days: Number(days) }, { onSuccess: ({ token }) => onMade(token) });
  };
  return (
    <Form aria-label={t`New token`} className="grid gap-4" validationErrors={fieldErrors(make.error)} onSubmit={submit}>
      <Field
        label={t`Name of the token`}
        name="name"
        isRequired
        maxLength={80}
        autoComplete="off"
        hint={t`What will use it?`}
      />
      <fieldset className="grid gap-1" aria-describedby={withoutRights ? 'no-rights' : undefined}>
        <legend className="mb-1 text-small font-medium">
          <Trans>What may it do?</Trans>
        </legend>
        {tokenScopes(person.data?.roles ?? []).map((scope) => (
          <label key={scope} className="flex min-h-8 items-center gap-2 text-small">
            <input type="checkbox" name="scope" value={scope} className="size-4" />
            {scopeName(scope, i18n)} <code className="text-fine text-soft">{scope}</code>
          </label>
        ))}
        {withoutRights && (
          <p id="no-rights" role="alert" className="text-fine text-danger">
            <Trans>Choose at least one.</Trans>
          </p>
        )}
      </fieldset>
      <Choice
        className="max-w-48"
        label={t`Works for`}
        value={days}
        onChange={setDays}
        options={[
          { value: '7', label: t`7 days` },
          { value: '30', label: t`30 days` },
          { value: '90', label: t`90 days` },
          { value: '365', label: t`a year` },
        ]}
      />
      <ProblemNote error={make.error} />
      <Button type="submit" className="justify-self-start" isPending={make.isPending}>
        <Trans>Make a token</Trans>
      </Button>
    </Form>
  );
}
