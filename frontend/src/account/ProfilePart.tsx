import { useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { ProblemNote } from '../ui/Problem';
import { Section, Skeleton } from '../ui/Section';
import { Avatar } from './Avatar';
import { Profile } from './Profile';
import { me } from './queries';

export function ProfilePart() {
  const { t } = useLingui();
  const found = useQuery(me);
  if (found.isError) return <ProblemNote error={found.error} onRetry={() => void found.refetch()} />;
  if (found.isPending) return <Skeleton className="h-64" />;
  return (
    <>
      <Section id="picture" title={t`Picture`}>
        <Avatar person={found.data} />
      </Section>
      <Section id="profile" title={t`Profile`}>
        <Profile person={found.data} />
      </Section>
    </>
  );
}
