// Server-sent events by fetch, so that the operator's token can travel in a header, as EventSource does not allow.

import {queryString} from '../../src/api/client';
import {ADMIN, Problem} from '../api/client';
import {authorization, refuseToken} from '../api/token';
import {SseParser, type ServerSentEvent} from './sse-parser';

export type {ServerSentEvent};

export interface StreamOptions {
  query?: Record<string, string | number | undefined>;
  body?: unknown; // makes it a POST
  lastEventId?: string;
  signal?: AbortSignal;
  onOpen?: () => void;
}

// The events of one answer, until it ends or the signal stops it. Throws Problem when there is no such answer.
export async function* streamEvents(path: string, options: StreamOptions = {}): AsyncGenerator<ServerSentEvent> {
  const {query, body, lastEventId, signal, onOpen} = options;
  const response = await fetch(ADMIN + path + queryString(query), {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      accept: 'text/event-stream',
      ...authorization(),
      ...(lastEventId ? {'last-event-id': lastEventId} : {}),
      ...(body === undefined ? {} : {'content-type': 'application/json'}),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal,
    cache: 'no-store',
  });
  if (response.status === 401) refuseToken();
  if (!response.ok || !response.body) throw await problemOf(response);
  onOpen?.();
  const parser = new SseParser();
  const text = new TextDecoder();
  const reader = response.body.getReader();
  try {
    for (;;) {
      const {done, value} = await reader.read();
      if (done) return;
      yield* parser.push(text.decode(value, {stream: true}));
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}

export type Connection = 'connecting' | 'live' | 'lost';

export interface Follower {
  onEvent(event: ServerSentEvent): void;
  onConnection?(connection: Connection, error?: unknown): void;
}

const PAUSE_FIRST_MS = 250;
const PAUSE_MAX_MS = 5_000;

// Follows a stream for ever: opened again, with growing pauses and from where it was, whenever it breaks. Returns what
// ends it.
export function followEvents(path: string, follower: Follower, options: StreamOptions = {}): () => void {
  const end = new AbortController();
  void follow(path, follower, options, end.signal);
  return () => end.abort();
}

async function follow(path: string, follower: Follower, options: StreamOptions, signal: AbortSignal): Promise<void> {
  let {lastEventId} = options;
  let failures = 0;
  follower.onConnection?.('connecting');
  while (!signal.aborted) {
    let failure: unknown;
    const onOpen = () => {
      failures = 0;
      follower.onConnection?.('live');
    };
    try {
      for await (const event of streamEvents(path, {...options, lastEventId, signal, onOpen})) {
        if (signal.aborted) return;
        if (event.id) lastEventId = event.id;
        follower.onEvent(event);
      }
    } catch (error) {
      failure = error;
    }
    if (signal.aborted) return;
    follower.onConnection?.('lost', failure);
    await pause(pauseAfter(failures++), signal);
  }
}

// Doubles with each failure; the jitter keeps many pages from coming back at one moment.
function pauseAfter(failures: number): number {
  return Math.min(PAUSE_FIRST_MS * 2 ** failures, PAUSE_MAX_MS) * (0.75 + Math.random() / 2);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

async function problemOf(response: Response): Promise<Problem> {
  const {title, detail} = (await response.json().catch(() => ({}))) as {title?: string; detail?: string};
  return new Problem(response.status, title ?? `HTTP ${response.status}`, detail ?? '');
}
