import { Trans, useLingui } from '@lingui/react/macro';
import { Form } from 'react-aria-components/Form';
import { api, unwrap } from '../api/client';
import type { TotpSecret } from '../api/types';
import { Button } from '../ui/Button';
import { CodeField } from '../ui/CodeField';
import { fieldErrors, textsOf } from '../ui/form';
import { ProblemNote } from '../ui/Problem';
import { QrCode } from './QrCode';
import { useChange } from './queries';

type Props = { secret: TotpSecret; onDone: (recoveryCodes: string[]) => void; onCancel: () => void };

/** The app learns the secret, and a first code proves that it has. */
export function TotpSetup({ secret, onDone, onCancel }: Props) {
  const { t } = useLingui();
  const confirm = useChange(async (code: string) => {
    const { recovery_codes } = await unwrap(api().POST('/v1/auth/me/mfa/totp/confirm', { body: { code } }));
    // Here and not after the change: by then the app counts as set up, and this form is gone.
    onDone(recovery_codes);
  });
  return (
    <div className="grid gap-5">
      <p className="text-small">
        <Trans>Scan this with an authenticator app, or open it on this device.</Trans>
      </p>
      <div className="flex flex-wrap items-center gap-6">
        <QrCode text={secret.otpauth_uri} label={t`QR code for the authenticator app`} />
        <div className="grid min-w-0 gap-3 text-small">
          <a href={secret.otpauth_uri} className="text-accent underline underline-offset-4">
            <Trans>Open in an app on this device</Trans>
          </a>
          <p>
            <span className="text-soft">
              <Trans>Or type this secret into the app:</Trans>
            </span>
            <br />
            <code data-testid="totp-secret" className="figures break-all">
              {secret.secret.replace(/(.{4})(?=.)/g, '$1 ')}
            </code>
          </p>
        </div>
      </div>
      <Form
        aria-label={t`Confirm the app`}
        className="grid max-w-md gap-4"
        validationErrors={fieldErrors(confirm.error)}
        onSubmit={(event) => {
          confirm.mutate(textsOf(event, 'code').code.replace(/\s/g, ''));
        }}
      >
        <CodeField />
        <ProblemNote error={confirm.error} />
        <div className="flex gap-4">
          <Button type="submit" isPending={confirm.isPending}>
            <Trans>Turn it on</Trans>
          </Button>
          <Button look="quiet" onPress={onCancel}>
            <Trans>Not now</Trans>
          </Button>
        </div>
      </Form>
    </div>
  );
}
