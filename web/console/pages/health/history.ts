// The history as charts need it: a row for each moment.

import type {HealthHistory} from '../../api/types';

export type Row = {at: number} & Record<string, number | null>;

// No more rows than a chart has room for: of neighbours that share one, the largest counts, so that no peak is lost.
export function rowsOf(history: HealthHistory, measures: readonly string[], rowsMax: number): Row[] {
  const times = history.at.map((at) => Date.parse(at));
  const each = Math.max(1, Math.ceil(times.length / rowsMax));
  const rows: Row[] = [];
  for (let from = 0; from < times.length; from += each) {
    const row: Row = {at: times[Math.min(from + each, times.length) - 1]!};
    for (const measure of measures) row[measure] = largest((history[measure] ?? []).slice(from, from + each));
    rows.push(row);
  }
  return rows;
}

function largest(values: readonly unknown[]): number | null {
  const numbers = values.filter((value): value is number => typeof value === 'number');
  return numbers.length > 0 ? Math.max(...numbers) : null;
}

// Of all measures of all rows; 0 where there are none.
export function largestOf(rows: readonly Row[]): number {
  return Math.max(0, ...rows.flatMap(({at: _, ...measures}) => [largest(Object.values(measures)) ?? 0]));
}

// Whether any of the measures was ever taken.
export function hasAny(history: HealthHistory, measures: readonly string[]): boolean {
  return measures.some((measure) => (history[measure] ?? []).some((value) => typeof value === 'number'));
}
