import {expect, it} from 'vitest';

import type {HealthHistory} from '../../api/types';
import {hasAny, rowsOf} from './history';

const start = Date.parse('2026-01-31T12:00:00.000Z');
const history: HealthHistory = {
  at: [0, 5_000, 10_000, 15_000, 20_000].map((ms) => new Date(start + ms).toISOString()),
  commits_per_s: [1, 9, 3, null, null],
};

it('a row stands for each moment', () => {
  expect(rowsOf(history, ['commits_per_s'], 100).map(({at, commits_per_s}) => [at - start, commits_per_s])).toEqual([
    [0, 1],
    [5_000, 9],
    [10_000, 3],
    [15_000, null],
    [20_000, null],
  ]);
});

it('moments that share a row keep their peak', () => {
  expect(rowsOf(history, ['commits_per_s'], 3).map(({at, commits_per_s}) => [at - start, commits_per_s])).toEqual([
    [5_000, 9],
    [15_000, 3],
    [20_000, null],
  ]);
});

it('what was never measured is not there', () => {
  expect(hasAny(history, ['commits_per_s'])).toBe(true);
  expect(hasAny(history, ['memory_bytes'])).toBe(false);
  expect(rowsOf(history, ['memory_bytes'], 1)).toEqual([{at: start + 20_000, memory_bytes: null}]);
});
