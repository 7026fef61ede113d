import { QueryClient } from '@tanstack/react-query';
import { Problem } from './problem';

/** Only what may heal by itself is asked again; a refusal stays a refusal. */
function mayHeal(error: Error): boolean {
  return !(error instanceof Problem) || error.status === 0 || error.status >= 500;
}

export const queries = new QueryClient({
  defaultOptions: {
    // Without a connection: say so at once, rather than wait in silence for it to come back.
    mutations: { networkMode: 'always' },
    queries: {
      networkMode: 'always',
      staleTime: 15_000,
      retry: (failures, error) => failures < 2 && mayHeal(error),
    },
  },
});
