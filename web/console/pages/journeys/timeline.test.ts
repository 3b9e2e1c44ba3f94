import {describe, expect, it} from 'vitest';

import type {Step} from '../../api/types';
import {axisOf, endOf, lanesOf, nestedRows, niceStep, positionOf, tickLabel, ticksOf} from './timeline';

const START = Date.parse('2026-01-31T12:00:00.000Z');

function step({ms, ...rest}: Partial<Step> & {ms: number}): Step {
  const at = new Date(START + ms).toISOString();
  return {kind: 'run', at, offset_ms: ms, duration_ms: 1, service: 'payments', name: 'step', documents: [], ...rest};
}

const order = [
  step({ms: 9, name: 'take', span_id: 'c', parent_span_id: 'b', ce_id: 'e2', service: 'inventory'}),
  step({ms: 0, name: 'POST /orders', kind: 'request', span_id: 'a', duration_ms: 5}),
  step({ms: 4, name: 'order_placed', kind: 'event', span_id: 'a', ce_id: 'e1', duration_ms: 0}),
  step({ms: 6, name: 'charge', span_id: 'b', parent_span_id: 'a', ce_id: 'e1', duration_ms: 2}),
  step({ms: 8, name: 'order_completed', kind: 'event', span_id: 'b', ce_id: 'e2', duration_ms: 0}),
];

describe('rows', () => {
  it('stand below what caused them: an event below the run that published it, a run below its event', () => {
    expect(nestedRows(order).map(({step: {name}, depth}) => `${'  '.repeat(depth)}${name}`)).toEqual([
      'POST /orders',
      '  order_placed',
      '    charge',
      '      order_completed',
      '        take',
    ]);
  });

  it('count from the start of the journey', () => {
    expect(nestedRows(order).find(({step: {name}}) => name === 'charge')).toMatchObject({start_ms: 6, duration_ms: 2});
  });

  it('keep steps whose cause is unknown, and survive a circle of causes', () => {
    const strange = [
      step({ms: 0, name: 'x', span_id: 'x', parent_span_id: 'y'}),
      step({ms: 1, name: 'y', span_id: 'y', parent_span_id: 'x'}),
      step({ms: 2, name: 'z', span_id: 'z', parent_span_id: 'gone'}),
    ];
    expect(
      nestedRows(strange)
        .map(({step: {name}}) => name)
        .sort(),
    ).toEqual(['x', 'y', 'z']);
  });

  it('have ids of their own, also where the same step was tried twice', () => {
    const tries = [1, 2, 2].map((attempt, ms) => step({ms, attempt, ce_id: 'e1'}));
    expect(new Set(nestedRows(tries).map(({id}) => id)).size).toBe(3);
  });

  it('form a lane for each service', () => {
    const lanes = lanesOf(nestedRows(order));
    expect(lanes.map(({service, rows}) => [service, rows.length])).toEqual([
      ['payments', 4],
      ['inventory', 1],
    ]);
  });

  it('are none for a journey without steps', () => {
    expect(nestedRows([])).toEqual([]);
    expect(axisOf([])).toHaveLength(1);
  });
});

describe('the axis', () => {
  it('is true to scale where nothing waits long', () => {
    const axis = axisOf(nestedRows(order));
    expect(axis).toHaveLength(1);
    expect(positionOf(0, axis)).toBe(0);
    expect(positionOf(5, axis)).toBeCloseTo(0.5);
    expect(positionOf(10, axis)).toBe(1);
  });

  it('draws a long wait short', () => {
    const rows = nestedRows([step({ms: 0, duration_ms: 10}), step({ms: 30_000, duration_ms: 10})]);
    const axis = axisOf(rows);
    expect(axis.map(({wait}) => wait)).toEqual([false, true, false]);
    expect(axis[0]!.width).toBeCloseTo(0.46);
    expect(positionOf(30_010, axis)).toBeCloseTo(1);
    expect(positionOf(15_000, axis)).toBeCloseTo(0.5);
  });

  it('takes a timer for a wait, not for work', () => {
    const timer = step({ms: 1, kind: 'timer', duration_ms: 60_000});
    const rows = nestedRows([step({ms: 0, duration_ms: 10}), timer, step({ms: 60_001, duration_ms: 10})]);
    expect(axisOf(rows).map(({wait}) => wait)).toEqual([false, true, false]);
    expect(endOf(rows)).toBe(60_011);
  });

  it('never runs backwards', () => {
    const rows = nestedRows([0, 3, 400, 90_000, 90_001].map((ms) => step({ms, duration_ms: 2})));
    const axis = axisOf(rows);
    const positions = Array.from({length: 200}, (_, i) => positionOf(i * 500, axis));
    for (let i = 1; i < positions.length; ++i) expect(positions[i]).toBeGreaterThanOrEqual(positions[i - 1]!);
    expect(axis.reduce((sum, {width}) => sum + width, 0)).toBeCloseTo(1);
  });

  it('has a place for a single moment', () => {
    const axis = axisOf(nestedRows([step({ms: 0, duration_ms: 0})]));
    expect(positionOf(0, axis)).toBe(0);
    expect(ticksOf(axis).length).toBeGreaterThan(0);
  });

  it('has ticks at round moments', () => {
    const axis = axisOf(nestedRows([step({ms: 0, duration_ms: 100})]));
    expect(ticksOf(axis).map(({ms}) => ms)).toEqual([0, 20, 40, 60, 80, 100]);
    expect([
      tickLabel(15, 5),
      tickLabel(1_215, 5),
      tickLabel(1_000, 500),
      tickLabel(0.5, 0.1),
      tickLabel(90_000, 30_000),
    ]).toEqual(['15 ms', '1.215 s', '1.0 s', '0.5 ms', '1.5 min']);
    expect([0.3, 1, 1.2, 4, 7].map(niceStep)).toEqual([0.5, 1, 2, 5, 10]);
  });
});
