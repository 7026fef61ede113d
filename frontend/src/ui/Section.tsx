import type { ReactNode } from 'react';

type Props = { id: string; title: string; action?: ReactNode; children: ReactNode };

/** A named part of the page: a heading over a ledger's double rule. */
export function Section({ id, title, action, children }: Props) {
  return (
    <section id={id} aria-labelledby={`${id}-title`} className="min-w-0">
      <div className="ruled mb-5 flex min-h-12 items-end justify-between gap-4 pb-2">
        <h2 id={`${id}-title`} className="text-title tracking-tight">
          {title}
        </h2>
        {action}
      </div>
      {children}
    </section>
  );
}

/** Nothing here yet, and what to do about it. */
export function Empty({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="rounded-sheet border border-dashed border-line-strong px-5 py-7">
      <p className="font-medium">{title}</p>
      <p className="mt-1 max-w-prose text-small text-soft">{children}</p>
    </div>
  );
}

/** Holds the place of what is being fetched. */
export function Skeleton({ className = 'h-5' }: { className?: string }) {
  return <div aria-hidden="true" className={`animate-pulse rounded-control bg-line ${className}`} />;
}
