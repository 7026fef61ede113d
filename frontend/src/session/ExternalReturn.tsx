import { Trans, useLingui } from '@lingui/react/macro';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { withRecentLogin } from '../account/confirm';
import { api, unwrap } from '../api/client';
import { Problem } from '../api/problem';
import { useOnce } from '../letters/once';
import { Notice } from '../ui/Notice';
import { ProblemNote } from '../ui/Problem';
import { Skeleton } from '../ui/Section';
import { TextLink } from '../ui/TextLink';
import { CodeStep } from './CodeStep';
import { enter } from './enter';
import { errand } from './external';
import { useStanding } from './session';

/** Where an outside provider sends the browser back to: finishes the sign-in, or connects the outside account. */
export default function ExternalReturn() {
  const { t } = useLingui();
  const { name } = useParams({ from: '/sign-in/external/$name' });
  const navigate = useNavigate();
  const standing = useStanding();
  // As the provider wrote them: the router would make a number of a code that consists of digits.
  const [given] = useState(() => new URLSearchParams(window.location.search));
  const [challenge, setChallenge] = useState<string | null>(null);
  const finished = useOnce(given.get('state') ?? '', standing !== 'unknown', async () => {
    const what = errand();
    const wanted = await finish(what, name, given);
    if (wanted !== null) setChallenge(wanted);
    else if (what === 'sign-in') await navigate({ to: '/', replace: true });
    else await navigate({ to: '/account/$part', params: { part: 'security' }, replace: true });
  });
  if (challenge) {
    const home = () => void navigate({ to: '/', replace: true });
    return (
      <Notice>
        <CodeStep challenge={challenge} onBack={home} onDone={home} />
      </Notice>
    );
  }
  return (
    <Notice title={t`Sign in with another account`}>
      {finished.state === 'failed' ? <ProblemNote error={finished.error} /> : <Skeleton className="h-10" />}
      <p>
        <TextLink to="/" replace>
          <Trans>To sign-in</Trans>
        </TextLink>
      </p>
    </Notice>
  );
}

/** Gives the challenge of the second factor, if the account has one. */
async function finish(what: 'sign-in' | 'connect', name: string, given: URLSearchParams): Promise<string | null> {
  const code = given.get('code');
  const state = given.get('state');
  if (!code || !state) throw new Problem('ExternalSignInFailed', 401, given.get('error') ?? '');
  const iss = given.get('iss');
  const proof = { params: { path: { name } }, body: { code, state, ...(iss && { iss }) } };
  if (what === 'connect') {
    await withRecentLogin(() => unwrap(api().POST('/v1/auth/me/identities/{name}/finish', proof)));
    return null;
  }
  const answer = await unwrap(api().POST('/v1/auth/login/external/{name}/finish', proof));
  if ('challenge' in answer) return answer.challenge;
  await enter(answer.access_token);
  return null;
}
