import { Trans, useLingui } from '@lingui/react/macro';
import { Form } from 'react-aria-components/Form';
import { api, unwrap } from '../api/client';
import type { Me } from '../api/types';
import { Button } from '../ui/Button';
import { Field } from '../ui/Field';
import { fieldErrors, textsOf } from '../ui/form';
import { Done } from '../ui/Notice';
import { ProblemNote } from '../ui/Problem';
import { useChange } from './queries';

export function EmailChange({ person }: { person: Me }) {
  const { t } = useLingui();
  const ask = useChange((email: string) => unwrap(api().POST('/v1/auth/me/email', { body: { email } })));
  return (
    <div className="grid gap-4">
      <p>
        <span className="font-medium break-all">{person.email}</span>{' '}
        <span className="text-small text-soft">
          {person.email_verified ? <Trans>verified</Trans> : <Trans>not verified yet</Trans>}
        </span>
      </p>
      <Form
        aria-label={t`Change the address`}
        className="grid items-start gap-4 sm:grid-cols-[1fr_auto]"
        validationErrors={fieldErrors(ask.error)}
        onSubmit={(event) => {
          const form = event.currentTarget;
          ask.mutate(textsOf(event, 'email').email, { onSuccess: () => form.reset() });
        }}
      >
        <Field
          label={t`New address`}
          name="email"
          type="email"
          autoComplete="email"
          inputMode="email"
          isRequired
          hint={t`It is used once you have followed the link in the letter we send there.`}
        />
        <Button type="submit" look="plain" className="sm:mt-7" isPending={ask.isPending}>
          <Trans>Change</Trans>
        </Button>
        <div className="sm:col-span-full">
          <ProblemNote error={ask.error} />
          {ask.isSuccess && (
            <Done>
              <Trans>A letter is on its way to {ask.variables}. Follow its link to use the address.</Trans>
            </Done>
          )}
        </div>
      </Form>
    </div>
  );
}
