import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { Form } from 'react-aria-components/Form';
import { api, unwrap } from '../api/client';
import { Button } from '../ui/Button';
import { Field } from '../ui/Field';
import { fieldErrors, textsOf } from '../ui/form';
import { Done } from '../ui/Notice';
import { ProblemNote } from '../ui/Problem';

/** Another letter with a fresh link, for an address that is not verified. */
export function SendAgain() {
  const { t } = useLingui();
  const send = useMutation({
    mutationFn: (email: string) => unwrap(api().POST('/v1/auth/verify-email/resend', { body: { email } })),
  });
  if (send.isSuccess) {
    return (
      <Done>
        <Trans>If this address waits to be verified, a letter is on its way.</Trans>
      </Done>
    );
  }
  return (
    <Form
      aria-label={t`Send a new link`}
      className="grid gap-4"
      validationErrors={fieldErrors(send.error)}
      onSubmit={(event) => send.mutate(textsOf(event, 'email').email)}
    >
      <Field label={t`E-mail`} name="email" type="email" autoComplete="username" inputMode="email" isRequired />
      <ProblemNote error={send.error} />
      <Button type="submit" isPending={send.isPending}>
        <Trans>Send a new link</Trans>
      </Button>
    </Form>
  );
}
