import { Trans, useLingui } from '@lingui/react/macro';
import type { Point } from './series';

type Props = { points: Point[]; by: string; measure: string };

/** The same numbers for those who read better than they look. */
export function PointTable({ points, by, measure }: Props) {
  const { i18n, t } = useLingui();
  // The gaps of a time axis are worth seeing in the chart only.
  const found = points.filter((point) => point.value !== null);
  const digits = found.every((point) => Number.isInteger(point.value)) ? 0 : 2;
  const number = new Intl.NumberFormat(i18n.locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return (
    <details open>
      <summary className="cursor-pointer py-1 text-small text-accent">
        <Trans>As a table</Trans>
      </summary>
      <section
        aria-label={t`The chart as a table`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
        tabIndex={0}
        className="mt-1 max-h-64 overflow-auto rounded-control border border-line"
      >
        <table className="figures w-full text-small">
          <thead className="sticky top-0 bg-sunken">
            <tr>
              <th className="px-3 py-1.5 text-left font-medium">{by}</th>
              <th className="px-3 py-1.5 text-right font-medium">{measure}</th>
            </tr>
          </thead>
          <tbody>
            {found.map((point) => (
              <tr key={point.key} className="border-t border-line">
                <td className="px-3 py-1.5">{point.label}</td>
                <td className="px-3 py-1.5 text-right">{number.format(point.value ?? 0)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}
