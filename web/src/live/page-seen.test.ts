import {afterEach, beforeEach, expect, it, vi} from 'vitest';

import {whilePageIsSeen} from './page-seen';

const page = Object.assign(new EventTarget(), {hidden: false});
let streams: number; // that are open

const open = () => {
  ++streams;
  return () => void --streams;
};

function turn(hidden: boolean) {
  page.hidden = hidden;
  page.dispatchEvent(new Event('visibilitychange'));
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('document', page);
  page.hidden = false;
  streams = 0;
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

// With a stream for each tab, the seventh did not load, and the first six loaded nothing more.
it('lets a stream go when the page was hidden for a while, and opens it when it is seen again', () => {
  const end = whilePageIsSeen(open);
  expect(streams).toBe(1);
  turn(true);
  vi.advanceTimersByTime(1_000);
  turn(false); // just a look at another tab
  vi.advanceTimersByTime(60_000);
  expect(streams).toBe(1);
  turn(true);
  vi.advanceTimersByTime(60_000);
  expect(streams).toBe(0);
  turn(false);
  expect(streams).toBe(1);
  end();
  expect(streams).toBe(0);
  turn(true);
  turn(false);
  vi.advanceTimersByTime(60_000);
  expect(streams).toBe(0);
});

it('opens none for a page that nobody has seen yet', () => {
  page.hidden = true;
  const end = whilePageIsSeen(open);
  expect(streams).toBe(0);
  turn(false);
  expect(streams).toBe(1);
  end();
  expect(streams).toBe(0);
});
