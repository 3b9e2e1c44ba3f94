import {describe, expect, it} from 'vitest';

import type {Page} from '../api/types';
import {applyChanges, type Change} from './change';

interface Row {
  id: string;
  count: number;
}

const page = (...rows: [string, number][]): Page<Row> => ({items: rows.map(([id, count]) => ({id, count})), next: null});
const put = (id: string, count: number): Change<Row> => ({id, part: 'all', update: () => ({id, count})});
const set = (id: string, count: number): Change<Row> => ({id, part: 'all', update: (row) => row && {...row, count}});
const remove = (id: string): Change<Row> => ({id, part: 'all', update: () => undefined});

describe('applyChanges', () => {
  it('changes a row where it stands, on whichever page', () => {
    const after = applyChanges([page(['b', 1]), page(['a', 1])], [set('a', 7)]);
    expect(after).toEqual([page(['b', 1]), page(['a', 7])]);
  });

  it('puts new rows at the top, the newest first', () => {
    expect(applyChanges([page(['a', 1])], [put('b', 2), put('c', 3)])).toEqual([page(['c', 3], ['b', 2], ['a', 1])]);
  });

  it('adds nothing where it may not', () => {
    expect(applyChanges([page(['a', 1])], [put('b', 2), set('a', 9)], {insert: false})).toEqual([page(['a', 9])]);
  });

  it('takes rows away, also one that came in the same batch', () => {
    expect(applyChanges([page(['a', 1])], [remove('a'), put('b', 1), remove('b')])).toEqual([page()]);
  });

  it('returns the same pages when nothing changed', () => {
    const pages = [page(['a', 1])];
    expect(applyChanges(pages, [set('unknown', 3), remove('gone')])).toBe(pages);
  });
});
