import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest';

import {TailBuffer} from './tail-buffer';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('the tail of a stream', () => {
  const fill = (tail: TailBuffer<number>, from: number, to: number) => {
    for (let item = from; item <= to; ++item) tail.push(item);
    vi.runAllTimers();
  };

  it('shows the newest first, and tells of many at once', () => {
    const tail = new TailBuffer<number>(10);
    let told = 0;
    tail.subscribe(() => ++told);
    fill(tail, 1, 3);
    expect(tail.snapshot().items).toEqual([3, 2, 1]);
    expect(told).toBe(1);
  });

  it('keeps no more than its size, and counts what it let go', () => {
    const tail = new TailBuffer<number>(4);
    fill(tail, 1, 3);
    fill(tail, 4, 6);
    expect(tail.snapshot()).toMatchObject({items: [6, 5, 4, 3], dropped: 2});
    fill(tail, 7, 1_000);
    expect(tail.snapshot()).toMatchObject({items: [1_000, 999, 998, 997], dropped: 996});
  });

  it('stays as it is while it is paused, and takes up what waited', () => {
    const tail = new TailBuffer<number>(4);
    fill(tail, 1, 2);
    tail.pause();
    fill(tail, 3, 4);
    expect(tail.snapshot()).toMatchObject({items: [2, 1], waiting: 2, paused: true});
    tail.resume();
    expect(tail.snapshot()).toMatchObject({items: [4, 3, 2, 1], waiting: 0, paused: false, dropped: 0});
  });

  it('is bounded while it is paused, too', () => {
    const tail = new TailBuffer<number>(4);
    tail.pause();
    fill(tail, 1, 1_000);
    expect(tail.snapshot().waiting).toBe(4);
    tail.resume();
    expect(tail.snapshot()).toMatchObject({items: [1_000, 999, 998, 997], dropped: 996});
  });

  it('can be cleared', () => {
    const tail = new TailBuffer<number>(4);
    fill(tail, 1, 9);
    tail.clear();
    expect(tail.snapshot()).toEqual({items: [], waiting: 0, dropped: 0, paused: false});
  });

  it('tells nobody who has left', () => {
    const tail = new TailBuffer<number>(4);
    const listener = vi.fn();
    tail.subscribe(listener)();
    fill(tail, 1, 2);
    expect(listener).not.toHaveBeenCalled();
  });
});
