import {describe, expect, it} from 'vitest';

import {draftOf, emptyDraft, readDraft, type Draft} from './draft';
import type {Shape} from './shape';

const LINE: Shape = {
  kind: 'object',
  members: [
    {name: 'name', required: true, shape: {kind: 'text', minLength: 1}},
    {name: 'price', required: true, shape: {kind: 'number', integer: false, decimals: 2}},
  ],
};
const ORDER: Shape = {
  kind: 'object',
  members: [
    {name: 'id', required: true, shape: {kind: 'text'}},
    {name: 'quantity', required: true, shape: {kind: 'number', integer: true, minimum: 1, maximum: 9}},
    {name: 'paid', required: true, shape: {kind: 'boolean'}},
    {name: 'status', required: false, shape: {kind: 'choice', options: ['open', 'done']}},
    {name: 'at', required: false, shape: {kind: 'time'}},
    {name: 'lines', required: true, shape: {kind: 'list', item: LINE, minItems: 1}},
    {name: 'address', required: false, shape: LINE},
    {name: 'tags', required: true, shape: {kind: 'map', item: {kind: 'number', integer: true}}},
    {name: 'holes', required: true, shape: {kind: 'list', item: {kind: 'optional', inner: {kind: 'text'}}}},
  ],
};
const VALUE = {
  id: 'a',
  quantity: 3,
  paid: true,
  status: 'done',
  at: '2026-01-31T12:00:00.000Z',
  lines: [{name: 'mug', price: 12.5}],
  address: {name: 'x', price: 0},
  tags: {red: 1, blue: 2},
  holes: ['a', null],
};

describe('a draft', () => {
  it('of a value stands for the value', () => {
    expect(readDraft(ORDER, draftOf(ORDER, VALUE))).toEqual({value: VALUE, errors: {}});
  });

  it('leaves out what may be missing', () => {
    const {status: _status, at: _at, address: _address, ...least} = VALUE;
    expect(readDraft(ORDER, draftOf(ORDER, least))).toEqual({value: least, errors: {}});
  });

  it('of nothing asks for what is required, each at its path', () => {
    expect(readDraft(ORDER, emptyDraft(ORDER)).errors).toEqual({
      quantity: 'Is missing.',
      'lines[0].name': 'Is missing.',
      'lines[0].price': 'Is missing.',
    });
  });

  it('of an alternative carries its type', () => {
    const shape: Shape = {
      kind: 'variant',
      alternatives: [
        {name: 'A', members: []},
        {name: 'B', members: [{name: 'x', required: true, shape: {kind: 'text'}}]},
      ],
    };
    expect(readDraft(shape, emptyDraft(shape)).value).toEqual({type: 'A'});
    expect(readDraft(shape, draftOf(shape, {type: 'B', x: 'y'})).value).toEqual({type: 'B', x: 'y'});
    expect(readDraft(shape, {type: 'C', members: {}}).errors).toEqual({type: 'Choose one.'});
  });
});

describe('a draft is refused with the reason', () => {
  const why = (shape: Shape, draft: Draft) => readDraft(shape, draft).errors[''];
  const whole: Shape = {kind: 'number', integer: true, minimum: 0, maximum: 10};
  const money: Shape = {kind: 'number', integer: false, decimals: 2};
  it.each([
    [whole, '1.5', 'Give a whole number.'],
    [whole, '-1', 'Is at least 0.'],
    [whole, '11', 'Is at most 10.'],
    [whole, 'x', 'Give a whole number.'],
    [
      {kind: 'number', integer: true} as Shape,
      '9007199254740993',
      'Has too many digits for a web page; publish it with the command line.',
    ],
    [money, '1.234', 'Has at most 2 decimals.'],
    [money, 'ten', 'Give a number, as 12.5.'],
    [money, '0x10', 'Give a number, as 12.5.'],
    [{kind: 'text', maxLength: 2} as Shape, '😀😀😀', 'Has at most 2 characters, this is 3.'],
    [{kind: 'time'} as Shape, 'yesterday', 'A time looks like 2026-01-31T12:00:00.000Z.'],
    [{kind: 'time'} as Shape, '2026-13-31T12:00:00Z', 'A time looks like 2026-01-31T12:00:00.000Z.'],
    [{kind: 'choice', options: ['a']} as Shape, 'b', '“b” is none of the choices.'],
    [{kind: 'boolean'} as Shape, '', 'Choose yes or no.'],
    [{kind: 'json'} as Shape, '', 'Is missing.'],
  ])('%o of %s', (shape, draft, reason) => expect(why(shape, draft)).toBe(reason));

  it('where a map has a key twice', () => {
    const shape: Shape = {kind: 'map', item: {kind: 'text'}};
    const pair = {key: 'a', value: 'x'};
    expect(readDraft(shape, [pair, pair]).errors).toEqual({'[1]': '“a” is there twice.'});
  });
});
