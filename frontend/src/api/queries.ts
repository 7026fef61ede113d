import { QueryClient, type QueryKey } from '@tanstack/react-query';
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

/** After a change. A first answer that is still on its way was perhaps written before it, so it is not waited for. */
export async function askAnew(queryKey: QueryKey): Promise<void> {
  await queries.cancelQueries({ queryKey });
  await queries.invalidateQueries({ queryKey });
}
