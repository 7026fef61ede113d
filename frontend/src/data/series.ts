import type { QueryResult } from '../api/types';
import type { Grain } from './query';

/** One point of a chart. `value` is null where there is nothing: a month without sales is a gap, not a missing month. */
export type Point = { key: string; label: string; value: number | null };

const MAX_FILLED = 400;

export function pointsOf(result: QueryResult, grain: Grain | undefined, locale: string, nothing: string): Point[] {
  const found = result.rows.map(([key, value]) => ({
    key: key === null || key === undefined ? '' : String(key),
    value: value === null || value === undefined ? null : Number(value),
  }));
  if (!grain) return found.map((point) => ({ ...point, label: point.key || nothing }));
  const label = timeLabel(grain, locale);
  return filled(found, grain).map((point) => ({ ...point, label: point.key ? label(point.key) : nothing }));
}

type Bare = Omit<Point, 'label'>;

/** The steps between the first and the last that the data does not have. */
function filled(found: Bare[], grain: Grain): Bare[] {
  const dated = found.filter((point) => point.key).map((point) => ({ ...point, key: point.key.slice(0, 10) }));
  const values = new Map(dated.map((point) => [point.key, point.value]));
  const [first, last] = [dated[0]?.key, dated.at(-1)?.key];
  if (!first || !last) return dated;
  const all: Bare[] = [];
  for (let key = first; key <= last; key = next(key, grain)) {
    all.push({ key, value: values.get(key) ?? null });
    if (all.length > MAX_FILLED) return dated;
  }
  // Steps that do not meet the data's own (weeks that begin elsewhere) would hide it.
  return dated.every((point) => values.has(point.key)) && all.at(-1)?.key === last ? all : dated;
}

function next(key: string, grain: Grain): string {
  const date = new Date(`${key}T00:00:00Z`);
  if (grain === 'day') date.setUTCDate(date.getUTCDate() + 1);
  else if (grain === 'week') date.setUTCDate(date.getUTCDate() + 7);
  else if (grain === 'month') date.setUTCMonth(date.getUTCMonth() + 1);
  else if (grain === 'quarter') date.setUTCMonth(date.getUTCMonth() + 3);
  else date.setUTCFullYear(date.getUTCFullYear() + 1);
  return date.toISOString().slice(0, 10);
}

function timeLabel(grain: Grain, locale: string): (key: string) => string {
  const styles: Record<Exclude<Grain, 'quarter'>, Intl.DateTimeFormatOptions> = {
    day: { day: 'numeric', month: 'short', year: 'numeric' },
    week: { day: 'numeric', month: 'short', year: 'numeric' },
    month: { month: 'short', year: 'numeric' },
    year: { year: 'numeric' },
  };
  if (grain === 'quarter') {
    return (key) => `${key.slice(0, 4)} · ${Math.floor((Number(key.slice(5, 7)) - 1) / 3) + 1}/4`;
  }
  const format = new Intl.DateTimeFormat(locale, { ...styles[grain], timeZone: 'UTC' });
  return (key) => format.format(new Date(`${key}T00:00:00Z`));
}
