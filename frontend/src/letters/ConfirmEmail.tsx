import { Trans, useLingui } from '@lingui/react/macro';
import { api, unwrap } from '../api/client';
import { askAnew } from '../api/queries';
import { useStanding } from '../session/session';
import { Done, Notice } from '../ui/Notice';
import { Skeleton } from '../ui/Section';
import { TextLink } from '../ui/TextLink';
import { OldLink } from './OldLink';
import { Onward } from './Onward';
import { useOnce } from './once';
import { useLetterToken } from './token';

/** Where the letter to a new address leads. */
export default function ConfirmEmail() {
  const { t } = useLingui();
  const token = useLetterToken();
  const standing = useStanding();
  const confirmed = useOnce(token, standing !== 'unknown', async (given) => {
    await unwrap(api().POST('/v1/auth/confirm-email', { body: { token: given } }));
    await askAnew(['me']);
  });
  return (
    <Notice title={t`Your new e-mail address`}>
      {confirmed.state === 'pending' && <Skeleton className="h-10" />}
      {confirmed.state === 'done' && (
        <>
          <Done>
            <Trans>The new address is in use: sign in with it from now on.</Trans>
          </Done>
          <Onward />
        </>
      )}
      <OldLink error={confirmed.state === 'failed' ? confirmed.error : null}>
        <p>
          <TextLink to="/account/$part" params={{ part: 'security' }}>
            <Trans>Ask for a new link in your account</Trans>
          </TextLink>
        </p>
      </OldLink>
    </Notice>
  );
}
