import {QueryClient} from '@tanstack/react-query';
import {describe, expect, it, vi} from 'vitest';

import type {ShopEvent} from '../api/events';
import type {Product} from '../api/types';
import {ORDERS, PRODUCTS} from './lists';
import {LiveCache, documentKey} from './live-cache';
import {PendingChanges, changesIn} from './pending';

const receivedAt = '2026-01-01T00:00:00.000Z';

describe('pending changes', () => {
  it('are there until they are taken away, each for its list', () => {
    const pending = new PendingChanges();
    const told = vi.fn();
    pending.subscribe(told);
    const takeAway = pending.add<Product>(PRODUCTS, {id: 'lamp', part: 'deletion', update: () => undefined});
    expect(changesIn(PRODUCTS, pending.all()).map(({id}) => id)).toEqual(['lamp']);
    expect(changesIn(ORDERS, pending.all())).toEqual([]);
    takeAway();
    expect(pending.all()).toEqual([]);
    takeAway(); // again does no harm
    expect(told).toHaveBeenCalled();
  });
});

describe('an order that was just placed', () => {
  const ended: ShopEvent = {
    topic: 'order_refunded',
    data: {order_id: 'order', reason: 'out of stock'},
    receivedAt,
  };

  it('is told to have ended once its event has come', () => {
    const cache = new LiveCache(new QueryClient());
    const told = vi.fn();
    cache.onceOrderEnds('order', told);
    expect(told).not.toHaveBeenCalled();
    cache.receiveNow(ended);
    cache.receiveNow(ended);
    expect(told).toHaveBeenCalledTimes(1);
  });

  it('is told so at once, when the event came before the answer', () => {
    const cache = new LiveCache(new QueryClient());
    cache.receiveNow(ended);
    const told = vi.fn();
    cache.onceOrderEnds('order', told);
    expect(told).toHaveBeenCalledTimes(1);
  });

  it('shows with what the events have told of it before its answer', () => {
    const client = new QueryClient();
    const cache = new LiveCache(client);
    cache.receiveNow(ended);
    cache.seed(ORDERS, {
      id: 'order', product_id: 'lamp', quantity: 1, price: 1, fee: 0.2, total: 1.2, status: 'pending', created_at: receivedAt,
    });
    expect(client.getQueryData(documentKey(ORDERS, 'order'))).toMatchObject({status: 'refunded', reason: 'out of stock'});
  });
});

describe('the answer to a change', () => {
  it('and the event of it change the list once', () => {
    const client = new QueryClient();
    const cache = new LiveCache(client);
    client.setQueryData(documentKey(PRODUCTS, 'lamp'), {id: 'lamp', name: 'Lamp', price: 1, quantity_available: 5});
    const saved: ShopEvent = {
      topic: 'product_saved',
      data: {id: 'lamp', name: 'Floor lamp', price: 2, quantity_available: 4, version: 7},
      receivedAt,
    };
    cache.receiveNow(saved);
    const after = client.getQueryData(documentKey(PRODUCTS, 'lamp'));
    expect(after).toMatchObject({name: 'Floor lamp', quantity_available: 4});
    cache.receiveNow(saved);
    expect(client.getQueryData(documentKey(PRODUCTS, 'lamp'))).toBe(after);
  });
});
