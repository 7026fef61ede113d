/** The letter A as a trestle: the artel's sign. */
export function Mark() {
  return (
    <svg viewBox="0 0 32 32" className="size-7 text-accent" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="currentColor" />
      <path
        d="M7 24 16 7l9 17M11 17.5h10"
        fill="none"
        stroke="var(--on-accent)"
        strokeWidth="3"
        strokeLinecap="square"
      />
    </svg>
  );
}
