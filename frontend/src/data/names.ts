import { useLingui } from '@lingui/react/macro';
import type { Dataset } from '../api/types';
import { type Grain, readMeasure, type View } from './query';

/** How measures, dimensions and grains are called in the reader's language. */
export function useNames(dataset: Dataset) {
  const { t } = useLingui();
  const titles = new Map(dataset.tables.flatMap((table) => table.columns.map((column) => [column.name, column.title])));
  // Of several sheets put together, the server adds a column that says which.
  const title = (name: string) => (name === '_sheet' ? t`Sheet` : (titles.get(name) ?? name).trim());
  const grains: Record<Grain, string> = {
    day: t`Day`,
    week: t`Week`,
    month: t`Month`,
    quarter: t`Quarter`,
    year: t`Year`,
  };

  const measure = (text: string): string => {
    const read = readMeasure(text);
    if (read.op === 'count') return t`Number of rows`;
    const what = read.columns.map(title).join(' × ');
    return read.op === 'sum' ? t`Sum of ${what}` : t`Average of ${what}`;
  };
  const by = (view: View): string =>
    view.grain ? `${title(view.by)}, ${grains[view.grain].toLowerCase()}` : title(view.by);
  return { title, grains, measure, by };
}
