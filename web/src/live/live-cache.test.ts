import {QueryClient, type InfiniteData} from '@tanstack/react-query';
import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest';

import type {ShopEvent} from '../api/events';
import type {View} from '../api/shop';
import type {Order, Page, Product} from '../api/types';
import {ORDERS, PRODUCTS, USERS, type LiveList} from './lists';
import {documentKey, listKey, LiveCache} from './live-cache';

const receivedAt = '2026-01-01T00:00:00Z';
const lamp: Product = {id: 'lamp', name: 'Lamp', price: 10, quantity_available: 9};

const saved = (version: number, product: Partial<Product> = {}): ShopEvent => ({
  topic: 'product_saved',
  data: {...lamp, ...product, version},
  receivedAt,
});
const deleted = (version: number): ShopEvent => ({topic: 'product_deleted', data: {id: 'lamp', version}, receivedAt});
const taken = (version: number, quantity_available: number): ShopEvent => ({
  topic: 'stock_taken',
  data: {order_id: 'order', product_id: 'lamp', quantity: 1, quantity_available, version},
  receivedAt,
});
const placed: ShopEvent = {
  topic: 'order_placed',
  data: {order_id: 'order', product_id: 'lamp', quantity: 1, price: 10, fee: 2, total: 12},
  receivedAt,
};
const completed: ShopEvent = {
  topic: 'order_completed',
  data: {order_id: 'order', product_id: 'lamp', quantity: 1},
  receivedAt,
};
const refunded: ShopEvent = {
  topic: 'order_refunded',
  data: {order_id: 'order', reason: 'out of stock'},
  receivedAt,
};
const pending: Order = {
  id: 'order',
  product_id: 'lamp',
  quantity: 1,
  price: 10,
  fee: 2,
  total: 12,
  status: 'pending',
  created_at: receivedAt,
};

let client: QueryClient;
let cache: LiveCache;

beforeEach(() => {
  vi.useFakeTimers();
  client = new QueryClient();
  cache = new LiveCache(client);
});

afterEach(() => {
  client.clear();
  vi.useRealTimers();
});

function show<T extends {id: string}>(list: LiveList<T>, ...items: T[]): void {
  client.setQueryData<InfiniteData<Page<T>>>(listKey(list), {pages: [{items, next: null}], pageParams: [undefined]});
}

function shown<T extends {id: string}>(list: LiveList<T>): T[] {
  return client.getQueryData<InfiniteData<Page<T>>>(listKey(list))!.pages.flatMap(({items}) => items);
}

function receive(...events: ShopEvent[]): void {
  for (const event of events) cache.receive(event);
  vi.runAllTimers();
}

// A request that is answered when told to.
function answerLater<T>() {
  let answer!: (value: T) => void;
  let fail!: (error: Error) => void;
  const promise = new Promise<T>((resolve, reject) => {
    answer = resolve;
    fail = reject;
  });
  return {promise, answer, fail};
}

// The orders in which the events may come.
function permutations<T>(items: T[]): T[][] {
  if (items.length < 2) return [items];
  return items.flatMap((item, at) => permutations(items.filter((_, other) => other !== at)).map((rest) => [item, ...rest]));
}

describe('products', () => {
  it('show the newest version of each part, in whichever order the events come', () => {
    const events = [saved(2, {name: 'Tall lamp'}), taken(3, 8), taken(4, 7), saved(5, {name: 'Floor lamp', quantity_available: 20}), taken(6, 19)];
    for (const order of permutations(events)) {
      cache = new LiveCache(client);
      show(PRODUCTS, lamp);
      receive(...order);
      expect(shown(PRODUCTS)).toEqual([{...lamp, name: 'Floor lamp', quantity_available: 19}]);
    }
  });

  it('ignore an event that comes twice', () => {
    show(PRODUCTS, lamp);
    receive(taken(2, 8), taken(3, 7), taken(2, 8));
    expect(shown(PRODUCTS)[0]?.quantity_available).toBe(7);
  });

  it('stay deleted when an older event comes late', () => {
    show(PRODUCTS, lamp);
    receive(deleted(4), saved(2), taken(3, 1));
    expect(shown(PRODUCTS)).toEqual([]);
  });

  it('appear when they are added, with what was sold before the news came', () => {
    show(PRODUCTS);
    receive(taken(2, 8), saved(1));
    expect(shown(PRODUCTS)).toEqual([{...lamp, quantity_available: 8}]);
  });
});

describe('an answer', () => {
  it('takes up what happened while its request ran', async () => {
    const request = answerLater<Page<Product>>();
    const answer = cache.fetchPage({...PRODUCTS, fetchPage: () => request.promise}, {limit: 10});
    receive(saved(2), taken(3, 8));
    request.answer({items: [lamp], next: null});
    expect((await answer).items).toEqual([{...lamp, quantity_available: 8}]);
  });

  it('of a later page takes up changes, and no new rows', async () => {
    const request = answerLater<Page<Product>>();
    const list = {...PRODUCTS, fetchPage: () => request.promise};
    const answer = cache.fetchPage(list, {limit: 10, after: 'cursor'});
    receive(saved(2, {id: 'new'}), taken(3, 8));
    request.answer({items: [lamp], next: null});
    expect((await answer).items).toEqual([{...lamp, quantity_available: 8}]);
  });

  it('does not set an order back that events have told more of', async () => {
    receive(placed, completed, taken(3, 8));
    const list = {...ORDERS, fetchPage: async () => ({items: [pending], next: null})};
    expect((await cache.fetchPage(list, {limit: 10})).items[0]?.status).toBe('fulfilled');
    expect((await cache.fetchDocument(ORDERS, 'order', async () => pending)).status).toBe('fulfilled');
  });

  it('that there is no such document is overruled by the event that made it', async () => {
    const request = answerLater<{id: string; name: string; phone: string; job: string; address: string}>();
    const answer = cache.fetchDocument(USERS, 'ann', () => request.promise);
    const ann = {id: 'ann', name: 'Ann', phone: '1', job: 'Cook', address: 'Road'};
    receive({topic: 'user_created', data: ann, receivedAt});
    request.fail(new Error('404'));
    expect(await answer).toEqual(ann);
  });

  it('that failed, fails', async () => {
    await expect(cache.fetchDocument(ORDERS, 'order', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  });
});

describe('orders', () => {
  it('end fulfilled, in whichever order the events come', () => {
    for (const order of permutations([placed, completed, taken(2, 8)])) {
      cache = new LiveCache(client);
      show(ORDERS);
      receive(...order);
      expect(shown(ORDERS)).toMatchObject([{id: 'order', status: 'fulfilled', total: 12}]);
    }
  });

  it('end refunded with the reason, in whichever order the events come', () => {
    for (const order of permutations([placed, completed, refunded])) {
      cache = new LiveCache(client);
      show(ORDERS);
      receive(...order);
      expect(shown(ORDERS)).toMatchObject([{status: 'refunded', reason: 'out of stock'}]);
    }
  });

  it('change on their own page, too', () => {
    client.setQueryData(documentKey(ORDERS, 'order'), pending);
    receive(completed);
    expect(client.getQueryData<Order>(documentKey(ORDERS, 'order'))?.status).toBe('completed');
  });

  it('that nobody looks at are not kept', () => {
    receive(placed, completed);
    expect(client.getQueryCache().getAll()).toEqual([]);
  });

  it('that come by the thousand are fetched again instead of piling up', () => {
    show(ORDERS);
    const invalidated = vi.spyOn(client, 'invalidateQueries');
    const many = Array.from({length: 1000}, (_, at) => ({...placed, data: {...placed.data, order_id: `order-${at}`}}));
    receive(...(many as ShopEvent[]));
    expect(shown(ORDERS)).toHaveLength(ORDERS.limit);
    expect(invalidated).toHaveBeenCalledTimes(1);
  });
});

describe('a view of a list', () => {
  const cheap: Product = {...lamp, id: 'cheap', name: 'Cup', price: 1};

  it('of its own order or search follows the events, too', () => {
    client.setQueryData(listKey(PRODUCTS, {sort: 'price'}), {pages: [{items: [cheap], next: null}], pageParams: [undefined]});
    receive(saved(2));
    const data = client.getQueryData<InfiniteData<Page<Product>>>(listKey(PRODUCTS, {sort: 'price'}));
    expect(data?.pages[0]?.items.map(({id}) => id).sort()).toEqual(['cheap', lamp.id].sort());
  });

  // An order that was fulfilled did not appear among the fulfilled ones until the page was loaded again.
  it('is fetched again when an event may have brought a document that it does not tell all of', () => {
    const invalidated = vi.spyOn(client, 'invalidateQueries');
    const refetchedBy = (view: View, ...events: ShopEvent[]) => {
      invalidated.mockClear();
      client.clear();
      cache = new LiveCache(client);
      client.setQueryData(listKey(ORDERS, view), {pages: [{items: [], next: null}], pageParams: [undefined]});
      receive(...events);
      vi.advanceTimersByTime(2_000);
      return invalidated.mock.calls.map(([filters]) => filters?.queryKey);
    };
    const fulfilled = {status: 'fulfilled'} as const;
    expect(refetchedBy(fulfilled, taken(2, 8), taken(3, 7))).toEqual([listKey(ORDERS, fulfilled)]);
    expect(refetchedBy(fulfilled, completed)).toEqual([]);
    expect(refetchedBy({search: 'lamp'}, placed)).toEqual([listKey(ORDERS, {search: 'lamp'})]);
    expect(refetchedBy({}, placed, completed)).toEqual([]);
  });

  it('has what the shop would answer, in its order', () => {
    const {shows, compare} = PRODUCTS;
    expect([lamp, cheap].filter((product) => shows!(product, {search: 'UP'}))).toEqual([cheap]);
    const sorted = (sort: string) => [lamp, cheap].sort((a, b) => compare!(a, b, {sort})).map(({id}) => id);
    expect(sorted('price')).toEqual(['cheap', lamp.id]);
    expect(sorted('-price')).toEqual([lamp.id, 'cheap']);
    expect(sorted('-name')).toEqual([lamp.id, 'cheap']);
  });

  it('of orders has a status, and what is searched', () => {
    const named = {...pending, product_name: 'Harbour mug'};
    for (const view of [{}, {status: 'pending'}, {search: 'MUG'}, {search: pending.id}] as const)
      expect(ORDERS.shows!(named, view)).toBe(true);
    for (const view of [{status: 'refunded'}, {search: 'teapot'}] as const)
      expect(ORDERS.shows!(named, view)).toBe(false);
  });
});
