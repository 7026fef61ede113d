import { Trans, useLingui } from '@lingui/react/macro';
import { Button } from '../ui/Button';
import { Window } from '../ui/Window';
import { leave } from './enter';
import { SignIn } from './SignIn';

/** Over the page when the session ends in the middle of work: nothing typed underneath is lost. */
export default function SignInAgain() {
  const { t } = useLingui();
  return (
    <Window label={t`Sign in again`}>
      <p className="mb-4 text-small text-soft">
        <Trans>Your session has ended. Sign in again to go on; what you typed is still here.</Trans>
      </p>
      <SignIn />
      <Button look="quiet" className="mt-2" onPress={leave}>
        <Trans>Leave instead</Trans>
      </Button>
    </Window>
  );
}
