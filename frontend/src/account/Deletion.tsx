import { Trans, useLingui } from '@lingui/react/macro';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { api, unwrap } from '../api/client';
import { leave } from '../session/enter';
import { Button } from '../ui/Button';
import { Field } from '../ui/Field';
import { fieldErrors, textsOf } from '../ui/form';
import { ProblemNote } from '../ui/Problem';
import { useChange } from './queries';

export function Deletion({ email }: { email: string }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const [asked, setAsked] = useState(false);
  const remove = useChange(async (confirm: string) => {
    await unwrap(api().DELETE('/v1/auth/me', { body: { confirm } }));
    await navigate({ to: '/farewell' });
    leave();
  });
  if (!asked) {
    return (
      <Button look="quiet" className="text-danger" onPress={() => setAsked(true)}>
        <Trans>Delete the account …</Trans>
      </Button>
    );
  }
  return (
    <Form
      aria-label={t`Delete the account`}
      className="grid max-w-md gap-4"
      validationErrors={fieldErrors(remove.error)}
      onSubmit={(event) => remove.mutate(textsOf(event, 'confirm').confirm.trim())}
    >
      <p className="text-small">
        <Trans>
          You are signed out everywhere at once. For 30 days a link in our letter brings the account back; then your
          profile, posts, workbooks and files are erased for good. Amounts in the ledger stay, without your name.
        </Trans>
      </p>
      <Field
        label={t`Type your e-mail address to confirm`}
        name="confirm"
        type="email"
        autoComplete="off"
        placeholder={email}
        isRequired
        autoFocus
      />
      <ProblemNote error={remove.error} />
      <div className="flex gap-4">
        <Button type="submit" look="danger" isPending={remove.isPending}>
          <Trans>Delete my account</Trans>
        </Button>
        <Button look="quiet" onPress={() => setAsked(false)}>
          <Trans>Keep it</Trans>
        </Button>
      </div>
    </Form>
  );
}
