import { Trans, useLingui } from '@lingui/react/macro';
import { api, unwrap } from '../api/client';
import { lookAgain } from '../session/enter';
import { useStanding } from '../session/session';
import { Done, Notice } from '../ui/Notice';
import { Skeleton } from '../ui/Section';
import { OldLink } from './OldLink';
import { Onward } from './Onward';
import { useOnce } from './once';
import { SendAgain } from './SendAgain';
import { useLetterToken } from './token';

/** Where the first letter leads. */
export default function VerifyEmail() {
  const { t } = useLingui();
  const token = useLetterToken();
  const standing = useStanding();
  const verified = useOnce(token, standing !== 'unknown', async (given) => {
    await unwrap(api().POST('/v1/auth/verify-email', { body: { token: given } }));
    await lookAgain();
  });
  return (
    <Notice title={t`Your e-mail address`}>
      {verified.state === 'pending' && <Skeleton className="h-10" />}
      {verified.state === 'done' && (
        <>
          <Done>
            <Trans>Thank you: the address is verified.</Trans>{' '}
            {standing === 'visitor' && <Trans>Sign in to go on; sessions from before have ended.</Trans>}
          </Done>
          <Onward />
        </>
      )}
      <OldLink error={verified.state === 'failed' ? verified.error : null}>
        <SendAgain />
      </OldLink>
    </Notice>
  );
}
