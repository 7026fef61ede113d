import { Label } from 'react-aria-components/Label';
import { ProgressBar } from 'react-aria-components/ProgressBar';

export function Progress({ label, percent }: { label: string; percent: number }) {
  return (
    <ProgressBar value={percent} className="text-small">
      {({ percentage, valueText }) => (
        <>
          <div className="mb-1 flex justify-between gap-4">
            <Label className="min-w-0 truncate">{label}</Label>
            <span className="figures text-soft">{valueText}</span>
          </div>
          <div className="h-1.5 overflow-hidden rounded-control bg-line">
            <div className="h-full bg-accent transition-[width]" style={{ width: `${percentage ?? 0}%` }} />
          </div>
        </>
      )}
    </ProgressBar>
  );
}
