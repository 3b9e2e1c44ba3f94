import {expect, it} from 'vitest';

import {ticksUpTo} from './axis';

const tens = {base: 10} as const;
const bytes = {base: 1_024} as const;
const MIB = 1_024 ** 2;

it('lines stand at round values, the last at or above the largest', () => {
  expect(ticksUpTo(37, tens)).toEqual([0, 10, 20, 30, 40]);
  expect(ticksUpTo(100, tens)).toEqual([0, 25, 50, 75, 100]);
  expect(ticksUpTo(1.2, tens)).toEqual([0, 0.5, 1, 1.5]);
  expect(ticksUpTo(0.02, tens)).toEqual([0, 0.005, 0.01, 0.015, 0.02]);
});

it('bytes are round in their own units', () => {
  expect(ticksUpTo(47 * MIB, bytes)).toEqual([0, 16 * MIB, 32 * MIB, 48 * MIB]);
  expect(ticksUpTo(1_000, bytes)).toEqual([0, 256, 512, 768, 1_024]);
  expect(ticksUpTo(3_900 * MIB, bytes)).toEqual([0, 1_024 * MIB, 2_048 * MIB, 3_072 * MIB, 4_096 * MIB]);
});

it('between whole things there is no line', () => {
  expect(ticksUpTo(2, {...tens, smallest: 1})).toEqual([0, 1, 2]);
  expect(ticksUpTo(0, {...tens, smallest: 1})).toEqual([0, 1]);
});

it('where nothing was measured but zero there is still an axis', () => {
  expect(ticksUpTo(0, tens)).toEqual([0, 1]);
  expect(ticksUpTo(0, bytes)).toEqual([0, 1]);
});

it('five lines are enough for anything', () => {
  for (let largest = 0.0001; largest < 1e15; largest *= 1.7)
    for (const scale of [tens, bytes]) {
      const ticks = ticksUpTo(largest, scale);
      expect(ticks.length, `${largest}`).toBeLessThanOrEqual(5);
      expect(ticks.at(-1), `${largest}`).toBeGreaterThanOrEqual(largest * (1 - 1e-9));
      expect(ticks.at(-2), `${largest}`).toBeLessThan(largest);
    }
});
