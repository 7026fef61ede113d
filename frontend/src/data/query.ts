import type { Measure, Query } from '../api/types';

export const GRAINS = ['day', 'week', 'month', 'quarter', 'year'] as const;
export type Grain = (typeof GRAINS)[number];

/** One chart's question. A measure is written `count`, `sum:Price`, `avg:Price` or `sum:Quantity*Price`. */
export type View = { table: string; measure: string; by: string; grain: Grain | undefined };

const TIME_POINTS = 400;
const GROUPS = 12;

export type Reading = { op: 'count' } | { op: 'sum' | 'avg'; columns: string[] };

export function readMeasure(text: string): Reading {
  const [, op, columns = ''] = /^(sum|avg):(.+)$/s.exec(text) ?? [];
  if (op !== 'sum' && op !== 'avg') return { op: 'count' };
  return { op, columns: columns.split('*') };
}

export function queryOf(view: View): Query {
  return {
    table: view.table,
    measures: [{ ...wording(readMeasure(view.measure)), as: 'value' }],
    group_by: [{ column: view.by, ...(view.grain && { grain: view.grain }), as: 'group' }],
    order_by: [view.grain ? { column: 'group' } : { column: 'value', direction: 'desc' }],
    limit: view.grain ? TIME_POINTS : GROUPS,
  };
}

function wording(reading: Reading): Measure {
  if (reading.op === 'count') return { op: reading.op };
  const [first = ''] = reading.columns;
  if (reading.columns.length === 1) return { op: reading.op, column: first };
  return { op: reading.op, expression: { multiply: reading.columns } };
}
