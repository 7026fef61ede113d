import { Trans, useLingui } from '@lingui/react/macro';
import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { I18nProvider } from 'react-aria-components/I18nProvider';
import { useConfirmation } from './account/confirm';
import { Member } from './session/Member';
import { useStanding } from './session/session';
import { Unverified } from './session/Unverified';
import { LanguageSwitch, ThemeSwitch } from './settings/Switches';
import { Mark } from './ui/Mark';
import { Ways } from './ui/Ways';

const ConfirmIdentity = lazy(() => import('./account/ConfirmIdentity'));
const SignInAgain = lazy(() => import('./session/SignInAgain'));

/** What stands around every page. */
export function Shell() {
  const { i18n } = useLingui();
  const standing = useStanding();
  const confirmation = useConfirmation();
  const hasParts = useLocation({ select: ({ pathname }) => pathname === '/' }) && standing === 'member';
  return (
    <I18nProvider locale={i18n.locale}>
      <a
        href="#main"
        className="absolute left-2 top-2 z-20 -translate-y-20 rounded-control bg-accent px-3 py-2 text-on-accent focus:translate-y-0"
      >
        <Trans>Skip to the content</Trans>
      </a>
      <header className="sticky top-0 z-10 border-b border-line bg-paper">
        <div className="mx-auto flex h-14 max-w-6xl items-center gap-2 px-4 sm:gap-4">
          <Link to="/" className="flex items-center gap-2 font-semibold tracking-tight">
            <Mark /> Artel
          </Link>
          {hasParts && <Ways className="hidden pl-6 md:flex" />}
          <span className="mr-auto" />
          {standing === 'member' && <Member />}
          <div className="flex">
            <LanguageSwitch />
            <ThemeSwitch />
          </div>
        </div>
        {hasParts && <Ways className="flex border-t border-line px-4 md:hidden" />}
      </header>
      {standing === 'member' && <Unverified />}
      <main id="main" tabIndex={-1} className="mx-auto max-w-6xl px-4 pb-20 pt-8 outline-none sm:pt-12">
        <Outlet />
      </main>
      <Suspense>
        {standing === 'expired' && <SignInAgain />}
        {standing === 'member' && confirmation && <ConfirmIdentity />}
      </Suspense>
    </I18nProvider>
  );
}

export function Lost() {
  return (
    <div className="py-16">
      <h1 className="text-display tracking-tight">
        <Trans>There is no such page</Trans>
      </h1>
      <p className="mt-4">
        <Link to="/" className="text-accent underline underline-offset-4">
          <Trans>To the first page</Trans>
        </Link>
      </p>
    </div>
  );
}
