import type { ReactNode } from 'react';

/** A page with one thing on it. */
export function Notice({ title, children }: { title?: string; children: ReactNode }) {
  return (
    <div className="mx-auto grid max-w-md gap-5 py-6">
      {title && <h1 className="text-figure font-semibold tracking-tight">{title}</h1>}
      {children}
    </div>
  );
}

/** Something went well. */
export function Done({ children }: { children: ReactNode }) {
  return (
    <p role="status" className="rounded-control bg-accent-wash px-3 py-2 text-small">
      {children}
    </p>
  );
}
