import { Trans, useLingui } from '@lingui/react/macro';
import { Link, useParams } from '@tanstack/react-router';
import type { ComponentType } from 'react';
import { Lost } from '../Shell';
import { Entrance } from '../session/Entrance';
import { useStanding } from '../session/session';
import { Skeleton } from '../ui/Section';
import { DataPart } from './DataPart';
import { ProfilePart } from './ProfilePart';
import { SecurityPart } from './SecurityPart';
import { SessionsPart } from './SessionsPart';
import { TokensPart } from './TokensPart';

const PARTS: Record<string, ComponentType> = {
  profile: ProfilePart,
  security: SecurityPart,
  sessions: SessionsPart,
  tokens: TokensPart,
  data: DataPart,
};

/** The account's own pages. Whoever is not signed in does so here, and stays where they wanted to be. */
export default function Account() {
  const { part = 'profile' } = useParams({ strict: false });
  const standing = useStanding();
  const Part = Object.hasOwn(PARTS, part) ? PARTS[part] : undefined;
  if (!Part) return <Lost />;
  if (standing === 'unknown') return <Skeleton className="h-64" />;
  return (
    <div className="grid gap-x-14 gap-y-8 lg:grid-cols-[11rem_1fr]">
      <h1 className="text-figure font-semibold tracking-tight lg:col-span-2">
        <Trans>Your account</Trans>
      </h1>
      {standing === 'visitor' ? (
        <div className="lg:col-start-2">
          <Entrance />
        </div>
      ) : (
        <>
          <Parts />
          <div className="grid max-w-2xl min-w-0 gap-y-14">
            <Part />
          </div>
        </>
      )}
    </div>
  );
}

function Parts() {
  const { t } = useLingui();
  const names = {
    profile: t`Profile`,
    security: t`Sign-in`,
    sessions: t`Sessions`,
    tokens: t`Access tokens`,
    data: t`Your data`,
  };
  const { part: shown = 'profile' } = useParams({ strict: false });
  return (
    <nav aria-label={t`Parts of your account`} className="flex flex-wrap gap-x-5 self-start lg:grid">
      {Object.entries(names).map(([part, name]) => (
        <Link
          key={part}
          to="/account/$part"
          params={{ part }}
          aria-current={part === shown ? 'page' : undefined}
          className="grid min-h-10 items-center text-small text-soft hover:text-ink aria-[current=page]:font-medium aria-[current=page]:text-accent"
        >
          {name}
        </Link>
      ))}
    </nav>
  );
}
