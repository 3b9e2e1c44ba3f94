// A journey's steps as rows of a time line: which row stands where, how deep, and from when to when.

import type {Step} from '../../api/types';

export interface Row {
  id: string; // the same each time the journey is read, as long as the step is the same
  step: Step;
  depth: number;
  start_ms: number; // from the journey's start
  duration_ms: number;
}

// Steps below what caused them, in order of time among siblings: an event below the run that published it, a run below
// its event. A step whose cause is not there stands at the top.
export function nestedRows(steps: readonly Step[]): Row[] {
  const rows = flatRows(steps);
  const causes = causesOf(rows);
  const children = new Map<Row | undefined, Row[]>();
  for (const row of rows) {
    const cause = causes.get(row);
    children.set(cause, [...(children.get(cause) ?? []), row]);
  }
  const ordered: Row[] = [];
  const visit = (row: Row, depth: number) => {
    ordered.push({...row, depth});
    for (const child of children.get(row) ?? []) visit(child, depth + 1);
  };
  for (const row of children.get(undefined) ?? []) visit(row, 0);
  return ordered;
}

// The rows of each service together, in the order in which the services come into it.
export function lanesOf(rows: readonly Row[]): {service: string; rows: Row[]}[] {
  const lanes = new Map<string, Row[]>();
  for (const row of [...rows].sort(byTime)) {
    const service = row.step.service ?? 'elsewhere';
    lanes.set(service, [...(lanes.get(service) ?? []), row]);
  }
  return [...lanes].map(([service, own]) => ({service, rows: own.map((row) => ({...row, depth: 0}))}));
}

function flatRows(steps: readonly Step[]): Row[] {
  const start = Math.min(...steps.map(({offset_ms}) => offset_ms));
  const seen = new Map<string, number>();
  const rows = steps.map((step): Row => {
    const name = [step.kind, step.ce_id ?? step.span_id ?? step.name, step.group ?? '', step.attempt ?? ''].join('.');
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    return {
      id: count === 0 ? name : `${name}.${count}`,
      step,
      depth: 0,
      start_ms: step.offset_ms - start,
      duration_ms: step.duration_ms ?? 0,
    };
  });
  return rows.sort(byTime);
}

function causesOf(rows: readonly Row[]): Map<Row, Row> {
  const runs = new Map<string, Row>();
  const events = new Map<string, Row>();
  for (const row of rows) {
    const {kind, span_id, ce_id} = row.step;
    if ((kind === 'run' || kind === 'request') && span_id && !runs.has(span_id)) runs.set(span_id, row);
    if (kind === 'event' && ce_id) events.set(ce_id, row);
  }
  const causeOf = ({step}: Row): Row | undefined => {
    const {kind, span_id, parent_span_id, ce_id} = step;
    if (kind === 'event') return runs.get(span_id ?? '');
    const event = kind === 'timer' ? undefined : events.get(ce_id ?? '');
    return event ?? runs.get(parent_span_id ?? '');
  };
  const causes = new Map<Row, Row>();
  for (const row of rows) {
    const cause = causeOf(row);
    if (cause && !leadsTo(cause, row, causes)) causes.set(row, cause);
  }
  return causes;
}

// Whether the row is among the causes of another: broken ids may lead in a circle.
function leadsTo(from: Row, row: Row, causes: Map<Row, Row>): boolean {
  for (let up: Row | undefined = from; up; up = causes.get(up)) if (up === row) return true;
  return false;
}

// When all was over; a timer only waits.
export function endOf(rows: readonly Row[]): number {
  return Math.max(0, ...rows.map((row) => row.start_ms + busyFor(row)));
}

function busyFor({step, duration_ms}: Row): number {
  return step.kind === 'timer' ? 0 : duration_ms;
}

function byTime(a: Row, b: Row): number {
  return a.start_ms - b.start_ms || b.duration_ms - a.duration_ms;
}

// ---- the axis ----

// A stretch of the axis: true to scale, or a long wait drawn short.
export interface Stretch {
  from_ms: number;
  to_ms: number;
  left: number; // share of the width, 0 to 1
  width: number;
  wait: boolean;
}

const WAIT_TIMES = 1.5; // a pause longer than so many times all that happens is a wait
const WAIT_SHARE = 0.08; // of the width that each wait gets
const WAIT_MS_MIN = 50;
const WAITS_SHARE_MAX = 0.5;

// An axis on which a retry after half a minute does not squeeze milliseconds to nothing.
export function axisOf(rows: readonly Row[]): Stretch[] {
  const busy = mergedSpans(rows);
  if (busy.length === 0) return [{from_ms: 0, to_ms: 1, left: 0, width: 1, wait: false}];
  const active = busy.reduce((sum, [from, to]) => sum + to - from, 0);
  const isWait = (length: number) => length > Math.max(WAIT_MS_MIN, active * WAIT_TIMES);

  const parts: {from: number; to: number; wait: boolean}[] = [];
  let [from, to] = busy[0]!;
  for (const [nextFrom, nextTo] of busy.slice(1)) {
    if (isWait(nextFrom - to)) {
      parts.push({from, to, wait: false}, {from: to, to: nextFrom, wait: true});
      from = nextFrom;
    }
    to = nextTo;
  }
  parts.push({from, to: Math.max(to, from + (parts.length === 0 ? 1 : 0)), wait: false});

  const waits = parts.filter(({wait}) => wait).length;
  const waitShare = waits > 0 ? Math.min(WAIT_SHARE, WAITS_SHARE_MAX / waits) : 0;
  const scaled = parts.filter(({wait}) => !wait);
  const total = scaled.reduce((sum, part) => sum + part.to - part.from, 0);
  const share = 1 - waits * waitShare;
  let left = 0;
  return parts.map((part) => {
    const width = part.wait ? waitShare : total > 0 ? (share * (part.to - part.from)) / total : share / scaled.length;
    const stretch = {from_ms: part.from, to_ms: part.to, left, width, wait: part.wait};
    left += width;
    return stretch;
  });
}

// Where a moment lies on the axis, 0 to 1.
export function positionOf(ms: number, axis: readonly Stretch[]): number {
  for (const {from_ms, to_ms, left, width} of axis)
    if (ms <= to_ms) return left + (to_ms > from_ms ? (width * Math.max(0, ms - from_ms)) / (to_ms - from_ms) : 0);
  return 1;
}

function mergedSpans(rows: readonly Row[]): [from: number, to: number][] {
  const merged: [number, number][] = [];
  for (const row of [...rows].sort(byTime)) {
    const {start_ms} = row;
    const last = merged.at(-1);
    const end = start_ms + busyFor(row);
    if (last && start_ms <= last[1]) last[1] = Math.max(last[1], end);
    else merged.push([start_ms, end]);
  }
  return merged;
}

export interface Tick {
  ms: number;
  at: number; // 0 to 1
  label: string;
}

const TICKS = 6;
const TICK_DISTANCE_MIN = 0.09;

// Round moments along the stretches that are true to scale, none where a wait is written.
export function ticksOf(axis: readonly Stretch[]): Tick[] {
  const scaled = axis.filter(({wait}) => !wait);
  const total = scaled.reduce((sum, {from_ms, to_ms}) => sum + to_ms - from_ms, 0);
  const step = niceStep(total / TICKS);
  const ticks: Tick[] = [];
  const isWait = (at: number) =>
    axis.some(
      ({wait, left, width}) => wait && at > left - TICK_DISTANCE_MIN && at < left + width + TICK_DISTANCE_MIN / 3,
    );
  for (const {from_ms, to_ms} of scaled)
    for (let ms = Math.ceil(from_ms / step) * step; ms <= to_ms; ms += step) {
      const at = positionOf(ms, axis);
      if (!isWait(at) && at - (ticks.at(-1)?.at ?? -1) >= TICK_DISTANCE_MIN)
        ticks.push({ms, at, label: tickLabel(ms, step)});
    }
  return ticks;
}

// As many digits as tell one tick from the next.
export function tickLabel(ms: number, step: number): string {
  const [value, unit, size] =
    ms < 1_000 ? [ms, 'ms', step] : ms < 60_000 ? [ms / 1_000, 's', step / 1_000] : [ms / 60_000, 'min', step / 60_000];
  const digits = Math.max(0, Math.min(4, Math.ceil(-Math.log10(size) - 1e-9)));
  return `${value.toFixed(digits)} ${unit}`;
}

// 1, 2 or 5 times a power of ten.
export function niceStep(rough: number): number {
  if (!(rough > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = rough / power;
  return power * (factor <= 1 ? 1 : factor <= 2 ? 2 : factor <= 5 ? 5 : 10);
}
