import { useEffect, useRef, useState } from 'react';

type Outcome = { state: 'pending' } | { state: 'done' } | { state: 'failed'; error: Error };

/**
 * Does it as soon as it may, once for each `token`: a link that is used twice would seem an old one. Neither a query nor
 * a mutation: signing in asks for all queries anew, and this page stays while somebody does.
 */
export function useOnce(token: string, isReady: boolean, act: (token: string) => Promise<void>): Outcome {
  const [outcome, setOutcome] = useState<Outcome>({ state: 'pending' });
  const begun = useRef<string | null>(null);
  const latest = useRef(act);
  useEffect(() => {
    latest.current = act;
  });
  useEffect(() => {
    if (!isReady || begun.current === token) return;
    begun.current = token;
    setOutcome({ state: 'pending' });
    latest.current(token).then(
      () => setOutcome({ state: 'done' }),
      (error: Error) => setOutcome({ state: 'failed', error }),
    );
  }, [token, isReady]);
  return outcome;
}
