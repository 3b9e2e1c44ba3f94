import {describe, expect, it} from 'vitest';

import {bytes, duration, perSecond, plural, relative, shortNumber} from './format';

describe('durations', () => {
  it.each([
    [null, '–'],
    [0, '0 ms'],
    [0.421, '0.42 ms'],
    [9.94, '9.9 ms'],
    [12.4, '12 ms'],
    [999, '999 ms'],
    [999.7, '1 s'],
    [1_500, '1.5 s'],
    [59_900, '60 s'],
    [59_960, '1 min'],
    [200_000, '3 min 20 s'],
    [3_600_000, '1 h'],
    [7_500_000, '2 h 5 min'],
    [273_600_000, '3 d 4 h'],
    [-1_500, '-1.5 s'],
  ])('%s ms is %s', (ms, text) => expect(duration(ms)).toBe(text));
});

describe('numbers', () => {
  it('are short from 100,000 on', () => {
    expect(shortNumber(99_999)).toBe('99,999');
    expect(shortNumber(123_456)).toBe('123.5K');
    expect(shortNumber(undefined)).toBe('–');
  });

  it('rates keep one digit while they are small', () => {
    expect(perSecond(0)).toBe('0/s');
    expect(perSecond(0.26)).toBe('0.3/s');
    expect(perSecond(12.4)).toBe('12/s');
    expect(perSecond(12_400)).toBe('12.4K/s');
  });

  it('bytes have binary units', () => {
    expect(bytes(0)).toBe('0 B');
    expect(bytes(1_536)).toBe('1.5 KiB');
    expect(bytes(64 * 1_024 ** 2)).toBe('64 MiB');
  });

  it('count in words', () => {
    expect(plural(1, 'event')).toBe('1 event');
    expect(plural(0, 'event')).toBe('0 events');
    expect(plural(2, 'entry', 'entries')).toBe('2 entries');
  });
});

it('moments are told from now, before and after', () => {
  const now = 1_000_000_000;
  expect(relative(now - 400, now)).toBe('just now');
  expect(relative(now + 1_500, now)).toBe('just now');
  expect(relative(now - 12_900, now)).toBe('12 s ago');
  expect(relative(now + 180_000, now)).toBe('in 3 min');
  expect(relative(now - 7_200_000, now)).toBe('2 h ago');
  expect(relative(now - 200_000_000, now)).toBe('2 d ago');
});
