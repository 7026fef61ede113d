import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { SignIn } from '../session/SignIn';
import { Button } from '../ui/Button';
import { Window } from '../ui/Window';
import { useConfirmation } from './confirm';
import { me } from './queries';

/** Asks who is there before something that decides who gets into the account. */
export default function ConfirmIdentity() {
  const { t } = useLingui();
  const settle = useConfirmation();
  const found = useQuery(me);
  if (!settle || !found.data) return null;
  return (
    <Window label={t`Confirm that it is you`} onClose={() => settle(false)}>
      <p className="mb-4 text-small text-soft">
        <Trans>
          This changes who can get into your account, and your sign-in was a while ago. Sign in once more to go on.
        </Trans>
      </p>
      <SignIn only={found.data.email} onDone={() => settle(true)} />
      <Button look="quiet" className="mt-2" onPress={() => settle(false)}>
        <Trans>Not now</Trans>
      </Button>
    </Window>
  );
}
