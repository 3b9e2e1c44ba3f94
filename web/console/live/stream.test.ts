import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest';

import {followEvents, streamEvents, type Connection} from './stream';

// Answers one request after the other, and keeps what was asked.
function serve(...answers: (Response | Error)[]) {
  const asked: {url: string; headers: Record<string, string>; method: string}[] = [];
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    asked.push({url, headers: init.headers as Record<string, string>, method: init.method ?? 'GET'});
    const answer = answers.shift();
    if (answer === undefined) return new Promise(() => undefined); // the connection hangs
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  });
  return asked;
}

const stored = new Map<string, string>();

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('sessionStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
    removeItem: (key: string) => stored.delete(key),
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  stored.clear();
});

describe('a stream of events', () => {
  it('carries the token in a header', async () => {
    stored.set('tidemark-admin-token', 'secret');
    const asked = serve(new Response('event: map\ndata: 1\n\n'));
    const events = [];
    for await (const event of streamEvents('/changes')) events.push(event);
    expect(events).toEqual([{id: '', event: 'map', data: '1'}]);
    expect(asked[0]).toMatchObject({url: '/admin/v1/changes', headers: {authorization: 'Bearer secret'}});
  });

  it('says why there is none', async () => {
    serve(new Response('{"title":"Not Found","detail":"there is no topic x"}', {status: 404}));
    await expect(streamEvents('/topics/x/tail').next()).rejects.toThrow('there is no topic x');
  });

  it('posts what it is given', async () => {
    const asked = serve(new Response('event: end\ndata: {}\n\n'));
    for await (const event of streamEvents('/dead-letters/t/g/redrive', {body: {limit: 1}}))
      expect(event.event).toBe('end');
    expect(asked[0]).toMatchObject({method: 'POST', headers: {'content-type': 'application/json'}});
  });
});

describe('following', () => {
  it('goes on where it broke off, again and again', async () => {
    const asked = serve(
      new Response('id: 4\nevent: entry\ndata: a\n\n'),
      new TypeError('refused'),
      new Response('', {status: 503}),
      new Response('id: 5\nevent: entry\ndata: b\n\n'),
    );
    const seen: string[] = [];
    const states: Connection[] = [];
    const end = followEvents('/tail', {
      onEvent: ({data}) => seen.push(data),
      onConnection: (state) => states.push(state),
    });
    await vi.advanceTimersByTimeAsync(30_000);
    end();
    expect(seen).toEqual(['a', 'b']);
    expect(asked.map(({headers}) => headers['last-event-id'])).toEqual([undefined, '4', '4', '4', '5']);
    expect(states).toEqual(['connecting', 'live', 'lost', 'lost', 'lost', 'live', 'lost']);
  });

  it('ends when it is told to', async () => {
    const asked = serve(new TypeError('refused'));
    const end = followEvents('/tail', {onEvent: () => undefined});
    await vi.advanceTimersByTimeAsync(1);
    end();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toHaveLength(1);
  });
});
