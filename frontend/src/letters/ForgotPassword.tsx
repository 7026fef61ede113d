import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { Form } from 'react-aria-components/Form';
import { api, unwrap } from '../api/client';
import { Button } from '../ui/Button';
import { Field } from '../ui/Field';
import { fieldErrors, textsOf } from '../ui/form';
import { Done, Notice } from '../ui/Notice';
import { ProblemNote } from '../ui/Problem';
import { TextLink } from '../ui/TextLink';

export default function ForgotPassword() {
  const { t } = useLingui();
  const ask = useMutation({
    mutationFn: (email: string) => unwrap(api().POST('/v1/auth/password/forgot', { body: { email } })),
  });
  return (
    <Notice title={t`A new password`}>
      {ask.isSuccess ? (
        <Done>
          <Trans>
            If there is an account with this address, a letter is on its way. Its link works for an hour; look among the
            unwanted mail too.
          </Trans>
        </Done>
      ) : (
        <Form
          aria-label={t`A new password`}
          className="grid gap-4"
          validationErrors={fieldErrors(ask.error)}
          onSubmit={(event) => ask.mutate(textsOf(event, 'email').email)}
        >
          <p className="text-small text-soft">
            <Trans>Say which address you signed up with, and we send a link to choose another password.</Trans>
          </p>
          <Field
            label={t`E-mail`}
            name="email"
            type="email"
            autoComplete="username"
            inputMode="email"
            isRequired
            autoFocus
          />
          <ProblemNote error={ask.error} />
          <Button type="submit" isPending={ask.isPending}>
            <Trans>Send the letter</Trans>
          </Button>
        </Form>
      )}
      <p className="text-small">
        <TextLink to="/">
          <Trans>To sign-in</Trans>
        </TextLink>
      </p>
    </Notice>
  );
}
