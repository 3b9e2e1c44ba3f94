import {expect, it} from 'vitest';

import {differences} from './json-diff';

const changed = (before: unknown, after: unknown) => differences(before, after).filter((row) => row.changed);

it('names each member that changed, by its path', () => {
  const before = {id: 'a', stock: 5, address: {street: 'Road', no: 1}, tags: ['x', 'y']};
  const after = {id: 'a', stock: 4, address: {street: 'Road', no: 2}, tags: ['x', 'z']};
  expect(changed(before, after).map(({path, before: b, after: a}) => [path, b, a])).toEqual([
    ['stock', '5', '4'],
    ['address.no', '1', '2'],
    ['tags[1]', '"y"', '"z"'],
  ]);
});

it('keeps what did not change', () => {
  expect(differences({id: 'a', n: 1}, {id: 'a', n: 2})).toHaveLength(2);
});

it('tells a document that was made, and one that was deleted', () => {
  expect(changed(null, {id: 'a'})).toEqual([{path: 'id', before: undefined, after: '"a"', changed: true}]);
  expect(changed({id: 'a'}, undefined)).toEqual([{path: 'id', before: '"a"', after: undefined, changed: true}]);
});

it('takes an empty object for a value', () => {
  expect(changed({a: {}}, {a: []}).map(({before, after}) => [before, after])).toEqual([['{}', '[]']]);
});
