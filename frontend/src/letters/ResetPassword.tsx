import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { Form } from 'react-aria-components/Form';
import { api, unwrap } from '../api/client';
import { Problem } from '../api/problem';
import { lookAgain } from '../session/enter';
import { Button } from '../ui/Button';
import { fieldErrors, textsOf } from '../ui/form';
import { NewPassword } from '../ui/NewPassword';
import { Done, Notice } from '../ui/Notice';
import { ProblemNote } from '../ui/Problem';
import { TextLink } from '../ui/TextLink';
import { Onward } from './Onward';
import { useLetterToken } from './token';

/** Where the letter of a forgotten password leads. */
export default function ResetPassword() {
  const { t } = useLingui();
  const token = useLetterToken();
  const reset = useMutation({
    mutationFn: async (password: string) => {
      await unwrap(api().POST('/v1/auth/password/reset', { body: { token, password } }));
      await lookAgain();
    },
  });
  const isOld = token === '' || (reset.error instanceof Problem && reset.error.code === 'InvalidMailToken');
  return (
    <Notice title={t`A new password`}>
      {reset.isSuccess ? (
        <>
          <Done>
            <Trans>The new password is set, and all sessions have ended. Sign in with it.</Trans>
          </Done>
          <Onward />
        </>
      ) : isOld ? (
        <>
          <ProblemNote error={new Problem('InvalidMailToken', 401, '')} />
          <p>
            <TextLink to="/forgot-password">
              <Trans>Ask for a new link</Trans>
            </TextLink>
          </p>
        </>
      ) : (
        <Form
          aria-label={t`A new password`}
          className="grid gap-4"
          validationErrors={fieldErrors(reset.error)}
          onSubmit={(event) => reset.mutate(textsOf(event, 'password').password)}
        >
          <NewPassword name="password" autoFocus />
          <ProblemNote error={reset.error} />
          <Button type="submit" isPending={reset.isPending}>
            <Trans>Set the password</Trans>
          </Button>
        </Form>
      )}
    </Notice>
  );
}
