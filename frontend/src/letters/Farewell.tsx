import { Trans, useLingui } from '@lingui/react/macro';
import { Notice } from '../ui/Notice';
import { TextLink } from '../ui/TextLink';

/** After the account was deleted. */
export default function Farewell() {
  const { t } = useLingui();
  return (
    <Notice title={t`The account is deleted`}>
      <p>
        <Trans>You are signed out. If you change your mind within 30 days, follow the link in our letter.</Trans>
      </p>
      <p>
        <TextLink to="/">
          <Trans>To the first page</Trans>
        </TextLink>
      </p>
    </Notice>
  );
}
