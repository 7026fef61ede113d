import { Trans } from '@lingui/react/macro';
import { useNavigate } from '@tanstack/react-router';
import { SignIn } from '../session/SignIn';
import { useStanding } from '../session/session';
import { TextLink } from '../ui/TextLink';

/** To the first page: by signing in, for those who are not. */
export function Onward() {
  const standing = useStanding();
  const navigate = useNavigate();
  if (standing === 'visitor') {
    return (
      <div className="rounded-sheet border border-line bg-sheet p-5 sm:p-6">
        <SignIn onDone={() => void navigate({ to: '/' })} />
      </div>
    );
  }
  return (
    <p>
      <TextLink to="/">
        <Trans>To the first page</Trans>
      </TextLink>
    </p>
  );
}
