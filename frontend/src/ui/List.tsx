import type { ReactNode } from 'react';

export function List({ label, children }: { label: string; children: ReactNode }) {
  return (
    <ul aria-label={label} className="divide-y divide-line border-y border-line">
      {children}
    </ul>
  );
}

type Props = { title?: ReactNode; actions?: ReactNode; children: ReactNode };

/** One thing of a list: its name, what is known of it, and what can be done with it. */
export function Row({ title, actions, children }: Props) {
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-6 gap-y-1 py-3">
      {title === undefined ? (
        children
      ) : (
        <div className="min-w-0">
          <p className="font-medium">{title}</p>
          <div className="text-small text-soft">{children}</div>
        </div>
      )}
      {actions && <div className="flex gap-4">{actions}</div>}
    </li>
  );
}
