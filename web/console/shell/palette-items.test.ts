import {expect, it} from 'vitest';

import type {Group, Topic} from '../api/types';
import {paletteItems, type Known} from './palette-items';

const known: Known = {
  topics: [{name: 'order_placed'}, {name: 'stock_taken'}] as Topic[],
  groups: [{topic: 'order_placed', group: 'charges', service: 'payments'}] as Group[],
};
const labels = (text: string) => paletteItems(text, known).map(({label}) => label);

it('offers every page where nothing is typed', () => {
  expect(labels('')).toContain('Map');
  expect(labels('')).toContain('Dead letters');
});

it('finds topics and groups by each word', () => {
  expect(labels('order topic')).toEqual(['order_placed']);
  expect(labels('payments')).toEqual(['charges', 'Journey of “payments”']);
});

it('takes what may be an id for a journey', () => {
  expect(paletteItems('01JQ/7', known)).toEqual([expect.objectContaining({id: 'journey', path: '/journeys/01JQ%2F7'})]);
  expect(labels('zzz')).toEqual([]);
});
