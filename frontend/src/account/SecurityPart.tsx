import { useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { providers } from '../session/external';
import { ProblemNote } from '../ui/Problem';
import { Section, Skeleton } from '../ui/Section';
import { Authenticator } from './Authenticator';
import { EmailChange } from './EmailChange';
import { Identities } from './Identities';
import { Passkeys } from './Passkeys';
import { PasswordChange } from './PasswordChange';
import { me } from './queries';

/** The ways into the account. */
export function SecurityPart() {
  const { t } = useLingui();
  const found = useQuery(me);
  const outside = useQuery(providers);
  if (found.isError) return <ProblemNote error={found.error} onRetry={() => void found.refetch()} />;
  if (found.isPending) return <Skeleton className="h-64" />;
  return (
    <>
      <Section id="email" title={t`E-mail address`}>
        <EmailChange person={found.data} />
      </Section>
      <Section id="password" title={t`Password`}>
        <PasswordChange person={found.data} />
      </Section>
      <Section id="authenticator" title={t`Authenticator app`}>
        <Authenticator />
      </Section>
      <Section id="passkeys" title={t`Passkeys`}>
        <Passkeys />
      </Section>
      {outside.data && outside.data.length > 0 && (
        <Section id="identities" title={t`Outside accounts`}>
          <Identities />
        </Section>
      )}
    </>
  );
}
