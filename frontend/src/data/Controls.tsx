import { useLingui } from '@lingui/react/macro';
import type { Dataset, Table } from '../api/types';
import { Choice } from '../ui/Choice';
import { dimensions, numbers } from './defaults';
import { useNames } from './names';
import { GRAINS, type View } from './query';

type Props = { dataset: Dataset; view: View; onChange: (part: Partial<View>) => void };

/** What is measured, by what it is split, in what steps of time. */
export function Controls({ dataset, view, onChange }: Props) {
  const { t } = useLingui();
  const names = useNames(dataset);
  const table = dataset.tables.find((one) => one.name === view.table);
  if (!table) return null;
  const sheets = dataset.tables.map((one) => ({ value: one.name, label: one.name }));
  return (
    <div className="grid grid-cols-2 gap-3 sm:grid-cols-4">
      <Choice
        className="col-span-2"
        label={t`Measure`}
        value={view.measure}
        onChange={(measure) => onChange({ measure })}
        options={measures(table).map((value) => ({ value, label: names.measure(value) }))}
      />
      <Choice
        label={t`Split by`}
        value={view.by}
        onChange={(by) => onChange({ by, grain: undefined })}
        options={dimensions(table).map((column) => ({ value: column.name, label: names.title(column.name) }))}
      />
      {view.grain && (
        <Choice
          label={t`Step`}
          value={view.grain}
          onChange={(grain) => onChange({ grain })}
          options={GRAINS.map((grain) => ({ value: grain, label: names.grains[grain] }))}
        />
      )}
      {sheets.length > 1 && (
        <Choice label={t`Table`} value={view.table} onChange={(sheet) => onChange({ table: sheet })} options={sheets} />
      )}
    </div>
  );
}

/** Products of two columns first: turnover is one. */
function measures(table: Table): string[] {
  const found = numbers(table).map((column) => column.name);
  const products = found.flatMap((one, place) => found.slice(place + 1).map((other) => `sum:${one}*${other}`));
  return [...products.slice(0, 6), ...found.map((one) => `sum:${one}`), ...found.map((one) => `avg:${one}`), 'count'];
}
