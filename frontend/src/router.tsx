import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { Home } from './Home';
import { Lost, Shell } from './Shell';
import { homeSearch } from './search';

const root = createRootRoute({ component: Shell, notFoundComponent: Lost });
const home = createRoute({ getParentRoute: () => root, path: '/', component: Home, validateSearch: homeSearch });

// Everything but the first page is fetched when somebody goes there.
const account = createRoute({
  getParentRoute: () => root,
  path: '/account',
  component: lazyRouteComponent(() => import('./account/Account')),
});
const accountPart = createRoute({
  getParentRoute: () => root,
  path: '/account/$part',
  component: lazyRouteComponent(() => import('./account/Account')),
});
const forgotPassword = createRoute({
  getParentRoute: () => root,
  path: '/forgot-password',
  component: lazyRouteComponent(() => import('./letters/ForgotPassword')),
});
const resetPassword = createRoute({
  getParentRoute: () => root,
  path: '/reset-password',
  component: lazyRouteComponent(() => import('./letters/ResetPassword')),
});
const verifyEmail = createRoute({
  getParentRoute: () => root,
  path: '/verify-email',
  component: lazyRouteComponent(() => import('./letters/VerifyEmail')),
});
const confirmEmail = createRoute({
  getParentRoute: () => root,
  path: '/confirm-email',
  component: lazyRouteComponent(() => import('./letters/ConfirmEmail')),
});
const restoreAccount = createRoute({
  getParentRoute: () => root,
  path: '/restore-account',
  component: lazyRouteComponent(() => import('./letters/RestoreAccount')),
});
const farewell = createRoute({
  getParentRoute: () => root,
  path: '/farewell',
  component: lazyRouteComponent(() => import('./letters/Farewell')),
});
const externalReturn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in/external/$name',
  component: lazyRouteComponent(() => import('./session/ExternalReturn')),
});

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    account,
    accountPart,
    forgotPassword,
    resetPassword,
    verifyEmail,
    confirmEmail,
    restoreAccount,
    farewell,
    externalReturn,
  ]),
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
