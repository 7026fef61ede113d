import { apiAddress } from '../api/address';

type Props = { address: string | null | undefined; className?: string };

/** A person's picture, or the outline of one. The name stands beside it. */
export function Portrait({ address, className = 'size-7' }: Props) {
  const shape = `${className} shrink-0 rounded-full border border-line bg-sunken`;
  if (address) return <img src={`${apiAddress()}${address}?size=128`} alt="" className={`${shape} object-cover`} />;
  return (
    <svg viewBox="0 0 28 28" className={`${shape} text-soft`} aria-hidden="true">
      <circle cx="14" cy="11" r="4.5" fill="currentColor" />
      <path d="M5.5 25a8.5 8.5 0 0 1 17 0z" fill="currentColor" />
    </svg>
  );
}
