import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { Form } from 'react-aria-components/Form';
import { api, unwrap } from '../api/client';
import { Button } from '../ui/Button';
import { Field } from '../ui/Field';
import { fieldErrors, textsOf } from '../ui/form';
import { ProblemNote } from '../ui/Problem';

type NewPerson = Record<'email' | 'password' | 'display_name', string>;

export function SignUp({ onDone }: { onDone: (email: string) => void }) {
  const { t, i18n } = useLingui();
  const locale = i18n.locale === 'ru' ? 'ru' : 'en';
  const register = useMutation({
    mutationFn: (person: NewPerson) => unwrap(api().POST('/v1/auth/register', { body: { ...person, locale } })),
    onSuccess: (_answer, person) => onDone(person.email),
  });
  return (
    <Form
      className="grid gap-4"
      aria-labelledby="sign-up-title"
      validationErrors={fieldErrors(register.error)}
      onSubmit={(event) => register.mutate(textsOf(event, 'email', 'password', 'display_name'))}
    >
      <h2 id="sign-up-title" className="text-title tracking-tight">
        <Trans>Create an account</Trans>
      </h2>
      <Field label={t`Name`} name="display_name" autoComplete="name" isRequired maxLength={80} autoFocus />
      <Field label={t`E-mail`} name="email" type="email" autoComplete="username" inputMode="email" isRequired />
      <Field
        label={t`Password`}
        name="password"
        type="password"
        autoComplete="new-password"
        isRequired
        minLength={8}
        maxLength={256}
        hint={t`8 characters or more. A sentence works well.`}
      />
      <ProblemNote error={register.error} />
      <Button type="submit" isPending={register.isPending}>
        <Trans>Create the account</Trans>
      </Button>
    </Form>
  );
}
