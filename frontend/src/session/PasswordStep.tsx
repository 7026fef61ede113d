import { Trans, useLingui } from '@lingui/react/macro';
import { Form } from 'react-aria-components/Form';
import { Button } from '../ui/Button';
import { Field } from '../ui/Field';
import { fieldErrors, textsOf } from '../ui/form';
import { ProblemNote } from '../ui/Problem';
import { TextLink } from '../ui/TextLink';

type Props = {
  registered: string | null;
  only: string | undefined;
  error: Error | null;
  isPending: boolean;
  onSubmit: (typed: Record<'email' | 'password', string>) => void;
};

export function PasswordStep({ registered, only, error, isPending, onSubmit }: Props) {
  const { t } = useLingui();
  return (
    <Form
      className="grid gap-4"
      aria-labelledby="sign-in-title"
      validationErrors={fieldErrors(error)}
      onSubmit={(event) => onSubmit(textsOf(event, 'email', 'password'))}
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
        isReadOnly={only !== undefined}
        defaultValue={only ?? registered ?? ''}
      />
      <Field
        label={t`Password`}
        name="password"
        type="password"
        autoComplete="current-password"
        isRequired
        autoFocus={registered !== null || only !== undefined}
      />
      <ProblemNote error={error} />
      <Button type="submit" isPending={isPending}>
        <Trans>Sign in</Trans>
      </Button>
      {only === undefined && (
        <p className="text-small">
          <TextLink to="/forgot-password">
            <Trans>Forgot the password?</Trans>
          </TextLink>
        </p>
      )}
    </Form>
  );
}
