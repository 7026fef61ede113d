import { Trans, useLingui } from '@lingui/react/macro';
import { lazy, Suspense } from 'react';
import { Feed } from './posts/Feed';
import { Entrance } from './session/Entrance';
import { useStanding } from './session/session';
import { Section, Skeleton } from './ui/Section';

// A visitor reads posts and signs in; the rest is fetched for members.
const Wallet = lazy(() => import('./wallet/Wallet'));
const Data = lazy(() => import('./data/Data'));
const Composer = lazy(() => import('./posts/Composer'));

export function Home() {
  const standing = useStanding();
  if (standing === 'unknown') return <Waiting />;
  if (standing === 'visitor') return <ForVisitors />;
  return <ForMembers />;
}

function Waiting() {
  const { t } = useLingui();
  return (
    <div aria-busy="true" className="grid gap-12 lg:grid-cols-[7fr_5fr]">
      <span className="sr-only">{t`Loading`}</span>
      <Skeleton className="h-64" />
      <Skeleton className="h-64" />
    </div>
  );
}

function ForVisitors() {
  const { t } = useLingui();
  return (
    <div className="grid gap-x-16 gap-y-14 lg:grid-cols-[5fr_6fr]">
      <div className="self-start lg:sticky lg:top-24">
        <h1 className="text-display font-semibold tracking-tight">
          <Trans>
            A common cause,
            <br />a common account.
          </Trans>
        </h1>
        <p className="mt-4 mb-8 max-w-prose text-lead text-soft">
          <Trans>
            Money that always adds up, posts open to everyone, and charts out of the workbooks you already have.
          </Trans>
        </p>
        <Entrance />
      </div>
      <Section id="posts" title={t`Posts`}>
        <Feed />
      </Section>
    </div>
  );
}

function ForMembers() {
  const { t } = useLingui();
  return (
    <div className="grid items-start gap-x-14 gap-y-16 lg:grid-cols-[7fr_5fr]">
      <h1 className="sr-only">Artel</h1>
      <div className="grid min-w-0 gap-y-16">
        <Section id="wallet" title={t`Wallet`}>
          <Suspense fallback={<Skeleton className="h-40" />}>
            <Wallet />
          </Suspense>
        </Section>
        <Section id="data" title={t`Data`}>
          <Suspense fallback={<Skeleton className="h-40" />}>
            <Data />
          </Suspense>
        </Section>
      </div>
      <Section id="posts" title={t`Posts`}>
        <Suspense fallback={<Skeleton className="h-24" />}>
          <Composer />
        </Suspense>
        <Feed />
      </Section>
    </div>
  );
}
