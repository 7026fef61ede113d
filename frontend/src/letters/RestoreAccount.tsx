import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { api, unwrap } from '../api/client';
import { Button } from '../ui/Button';
import { Done, Notice } from '../ui/Notice';
import { TextLink } from '../ui/TextLink';
import { OldLink } from './OldLink';
import { Onward } from './Onward';
import { useLetterToken } from './token';

/** Where the letter about a deleted account leads. Only a press of the button brings it back. */
export default function RestoreAccount() {
  const { t } = useLingui();
  const token = useLetterToken();
  const restore = useMutation({
    mutationFn: () => unwrap(api().POST('/v1/auth/restore', { body: { token } })),
  });
  return (
    <Notice title={t`Restore your account`}>
      {restore.isSuccess ? (
        <>
          <Done>
            <Trans>Welcome back: the account is restored. Sign in to use it.</Trans>
          </Done>
          <Onward />
        </>
      ) : (
        <>
          <p>
            <Trans>The account was deleted, and is kept for 30 days. Nothing of it is lost yet.</Trans>
          </p>
          <OldLink error={restore.error}>
            <p>
              <TextLink to="/">
                <Trans>To the first page</Trans>
              </TextLink>
            </p>
          </OldLink>
          <Button isPending={restore.isPending} onPress={() => restore.mutate()}>
            <Trans>Restore it</Trans>
          </Button>
        </>
      )}
    </Notice>
  );
}
