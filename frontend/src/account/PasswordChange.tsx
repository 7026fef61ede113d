import { Trans, useLingui } from '@lingui/react/macro';
import { Form } from 'react-aria-components/Form';
import { api, unwrap } from '../api/client';
import type { Me } from '../api/types';
import { becomeMember } from '../session/session';
import { Button } from '../ui/Button';
import { Field } from '../ui/Field';
import { fieldErrors, textsOf } from '../ui/form';
import { NewPassword } from '../ui/NewPassword';
import { Done } from '../ui/Notice';
import { ProblemNote } from '../ui/Problem';
import { useChange } from './queries';

type Passwords = { current_password?: string; new_password: string };

export function PasswordChange({ person }: { person: Me }) {
  const { t } = useLingui();
  const change = useChange(async (passwords: Passwords) => {
    const { access_token } = await unwrap(api().POST('/v1/auth/me/password', { body: passwords }));
    becomeMember(access_token);
  });
  return (
    <Form
      aria-label={t`Change the password`}
      className="grid max-w-md gap-4"
      validationErrors={fieldErrors(change.error)}
      onSubmit={(event) => {
        const form = event.currentTarget;
        const { current_password, new_password } = textsOf(event, 'current_password', 'new_password');
        const passwords = { new_password, ...(person.has_password && { current_password }) };
        change.mutate(passwords, { onSuccess: () => form.reset() });
      }}
    >
      {/* Password managers want to know whose password it is. */}
      <input type="hidden" name="username" autoComplete="username" value={person.email} />
      {person.has_password ? (
        <Field
          label={t`Current password`}
          name="current_password"
          type="password"
          autoComplete="current-password"
          isRequired
        />
      ) : (
        <p className="text-small text-soft">
          <Trans>
            You sign in without a password. With one you can get in even without a passkey or outside account.
          </Trans>
        </p>
      )}
      <NewPassword name="new_password" />
      <ProblemNote error={change.error} />
      {change.isSuccess && (
        <Done>
          <Trans>The password is changed. All other sessions have ended.</Trans>
        </Done>
      )}
      <Button type="submit" look="plain" className="justify-self-start" isPending={change.isPending}>
        {person.has_password ? <Trans>Change the password</Trans> : <Trans>Set a password</Trans>}
      </Button>
    </Form>
  );
}
