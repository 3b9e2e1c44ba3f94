// The connection to /api/events: opened again, with growing pauses, whenever it breaks.
//
// A new connection starts at the present, so whoever listens fetches anew what it shows when the connection is back.
// EventSource's own reconnecting is not enough: it gives up for good on an answer that is not 200.

import {TOPICS, type ShopEvent} from '../api/events';

export type Connection = 'connecting' | 'live' | 'lost';

export interface StreamListener {
  onEvent(event: ShopEvent): void;
  onConnection(connection: Connection): void;
}

const PAUSE_FIRST_MS = 250;
const PAUSE_MAX_MS = 5_000;

export class EventStream {
  private source: EventSource | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;

  constructor(
    private readonly url: string,
    private readonly listener: StreamListener,
  ) {}

  open(): void {
    this.close();
    const source = new EventSource(this.url);
    this.source = source;
    source.onopen = () => {
      this.failures = 0;
      this.listener.onConnection('live');
    };
    source.onerror = () => {
      this.close();
      this.listener.onConnection('lost');
      this.timer = setTimeout(() => this.open(), pauseAfter(this.failures++));
    };
    for (const topic of TOPICS)
      source.addEventListener(topic, (message: MessageEvent<string>) => {
        const event = {topic, data: JSON.parse(message.data), receivedAt: new Date().toISOString()} as ShopEvent;
        this.listener.onEvent(event);
      });
  }

  close(): void {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = undefined;
  }
}

// Doubles with each failure; the jitter keeps many pages from coming back at one moment.
function pauseAfter(failures: number): number {
  return Math.min(PAUSE_FIRST_MS * 2 ** failures, PAUSE_MAX_MS) * (0.75 + Math.random() / 2);
}
