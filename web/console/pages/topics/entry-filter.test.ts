import {describe, expect, it} from 'vitest';

import {isNarrowed, queryOf, timeOf} from './entry-filter';

const NOW = Date.parse('2026-01-31T12:00:00Z');

describe('a time in a filter', () => {
  it.each([
    ['15m', '2026-01-31T11:45:00.000Z'],
    ['2 h', '2026-01-31T10:00:00.000Z'],
    ['90s', '2026-01-31T11:58:30.000Z'],
    ['1d', '2026-01-30T12:00:00.000Z'],
    ['2026-01-30T12:00:00+01:00', '2026-01-30T11:00:00.000Z'],
    [' 2026-01-30T12:00:00.5Z ', '2026-01-30T12:00:00.500Z'],
  ])('%s is %s', (text, time) => expect(timeOf(text, NOW)).toBe(time));

  it('without a zone is of here', () => {
    expect(timeOf('2026-01-30 12:00', NOW)).toBe(new Date(2026, 0, 30, 12).toISOString());
    expect(timeOf('2026-01-30', NOW)).toBe(new Date(2026, 0, 30).toISOString());
  });

  it.each(['soon', '15', '2026-13-01', '2026-01-30 25:00', ''])('may be none: %s', (text) =>
    expect(timeOf(text, NOW)).toBeUndefined(),
  );
});

describe('a filter', () => {
  it('becomes what the API is asked', () => {
    expect(queryOf({key: 'a', from: '15m', to: 'soon', text: ''}, NOW)).toEqual({
      order: 'newest',
      key: 'a',
      from: '2026-01-31T11:45:00.000Z',
    });
    expect(queryOf({order: 'oldest'}, NOW)).toEqual({order: 'oldest'});
  });

  it('says whether it leaves anything out', () => {
    expect(isNarrowed({order: 'oldest'})).toBe(false);
    expect(isNarrowed({text: 'x'})).toBe(true);
  });
});
