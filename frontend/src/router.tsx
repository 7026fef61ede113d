import { createRootRoute, createRoute, createRouter } from '@tanstack/react-router';
import { Home } from './Home';
import { Lost, Shell } from './Shell';
import { homeSearch } from './search';

const root = createRootRoute({ component: Shell, notFoundComponent: Lost });
const home = createRoute({ getParentRoute: () => root, path: '/', component: Home, validateSearch: homeSearch });

export const router = createRouter({ routeTree: root.addChildren([home]), scrollRestoration: true });

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
