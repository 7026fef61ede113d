import type { Column, Table } from '../api/types';
import type { Grain, View } from './query';

const QUANTITY = /quantit|qty|units|pieces|кол-?во|количеств|штук/i;
const PRICE = /price|cost|rate|цена|стоимост|тариф/i;

/** Groups beyond this are too many to compare in a chart. */
const FEW = 50;
const DAY_MS = 86_400_000;

export const isTime = (column: Column): boolean => column.type === 'date' || column.type === 'datetime';

const isNumber = (column: Column): boolean =>
  column.type === 'integer' || column.type === 'decimal' || column.type === 'float';

/** Numbers that can be added up; the numbers that name things can't. */
export function numbers(table: Table): Column[] {
  return table.columns.filter((column) => isNumber(column) && column.role === 'measure');
}

/** What a chart may be split by: times, and whatever neither has one value only nor names single rows. */
export function dimensions(table: Table): Column[] {
  const groups = (column: Column) =>
    column.role !== 'measure' &&
    column.profile.distinct > 1 &&
    column.profile.distinct <= Math.max(FEW, table.rows / 2);
  return table.columns.filter((column) => isTime(column) || groups(column));
}

/** Quantity times price is what a sheet of sales is about; else the sum of its last number; else how many rows. */
export function defaultMeasure(table: Table): string {
  const found = numbers(table);
  const quantity = found.find((column) => QUANTITY.test(column.title));
  const price = found.find((column) => PRICE.test(column.title) && column !== quantity);
  if (quantity && price) return `sum:${quantity.name}*${price.name}`;
  const number = found.findLast((column) => column.type !== 'integer') ?? found.at(-1);
  return number ? `sum:${number.name}` : 'count';
}

/** The first time that moves; a table of one day is split by its smallest groups instead. */
export function defaultDimension(table: Table): Column | undefined {
  const possible = dimensions(table);
  const groups = possible.filter((column) => !isTime(column) && column.role !== 'identifier');
  const few = groups.sort((a, b) => a.profile.distinct - b.profile.distinct);
  return possible.find((column) => isTime(column) && spanInDays(column) >= 1) ?? few[0] ?? possible[0];
}

export function defaultGrain(column: Column): Grain {
  const days = spanInDays(column);
  if (days <= 62) return 'day';
  if (days <= 240) return 'week';
  return days <= 1500 ? 'month' : 'year';
}

function spanInDays(column: Column): number {
  const [from = Number.NaN, to = Number.NaN] = [column.profile.min, column.profile.max].map((at) =>
    Date.parse(String(at)),
  );
  return Number.isNaN(to - from) ? 0 : (to - from) / DAY_MS;
}

/** The view to show: what the address asks for where it makes sense for this data, else a good guess. */
export function viewOf(tables: Table[], wanted: Partial<View>): View | undefined {
  const largest = [...tables].sort((a, b) => b.rows - a.rows)[0];
  const table = tables.find((one) => one.name === wanted.table) ?? largest;
  const dimension = table && (dimensions(table).find((one) => one.name === wanted.by) ?? defaultDimension(table));
  if (!table || !dimension) return undefined;
  return {
    table: table.name,
    measure: wanted.measure ?? defaultMeasure(table),
    by: dimension.name,
    grain: isTime(dimension) ? (wanted.grain ?? defaultGrain(dimension)) : undefined,
  };
}
