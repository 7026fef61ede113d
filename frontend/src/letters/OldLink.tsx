import type { ReactNode } from 'react';
import { Problem } from '../api/problem';
import { ProblemNote } from '../ui/Problem';

/** A link that is whole but too old or used has a way on, which `children` show; any other trouble is told as it is. */
export function OldLink({ error, children }: { error: Error | null; children: ReactNode }) {
  const old = error instanceof Problem && (error.code === 'InvalidMailToken' || error.status === 422);
  return (
    <>
      <ProblemNote error={old ? new Problem('InvalidMailToken', 401, '') : error} />
      {old && children}
    </>
  );
}
