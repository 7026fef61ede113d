import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { Form } from 'react-aria-components/Form';
import { Button } from '../ui/Button';
import { Field } from '../ui/Field';
import { fieldErrors, textsOf } from '../ui/form';
import { ProblemNote } from '../ui/Problem';
import { signIn } from './enter';

type Props = {
  /** The address just registered, if any. */
  registered?: string | null;
};

export function SignIn({ registered = null }: Props) {
  const { t } = useLingui();
  const enter = useMutation({
    mutationFn: ({ email, password }: Record<'email' | 'password', string>) => signIn(email, password),
  });
  return (
    <Form
      className="grid gap-4"
      aria-labelledby="sign-in-title"
      validationErrors={fieldErrors(enter.error)}
      onSubmit={(event) => enter.mutate(textsOf(event, 'email', 'password'))}
    >
      <h2 id="sign-in-title" className="text-title tracking-tight">
        <Trans>Sign in</Trans>
      </h2>
      {registered && (
        <p role="status" className="rounded-control bg-accent-wash px-3 py-2 text-small">
          <Trans>Thank you. A letter is on its way. Sign in with the password you have just chosen.</Trans>
        </p>
      )}
      <Field
        label={t`E-mail`}
        name="email"
        type="email"
        autoComplete="username"
        inputMode="email"
        isRequired
        defaultValue={registered ?? ''}
      />
      <Field
        label={t`Password`}
        name="password"
        type="password"
        autoComplete="current-password"
        isRequired
        autoFocus={registered !== null}
      />
      <ProblemNote error={enter.error} />
      <Button type="submit" isPending={enter.isPending}>
        <Trans>Sign in</Trans>
      </Button>
    </Form>
  );
}
