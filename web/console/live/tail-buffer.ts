// The last entries of a stream, newest first, in bounded memory. Paused, it stays as it is and lets what comes wait.
// Whoever watches it is told at most once in a while: a thousand entries a second are not a thousand renderings.

export interface Tail<T> {
  items: T[]; // newest first
  waiting: number; // came while it was paused
  dropped: number; // were let go, as more came than it holds
  paused: boolean;
}

const TELL_AFTER_MS = 100;

export class TailBuffer<T> {
  private state: Tail<T> = {items: [], waiting: 0, dropped: 0, paused: false};
  private coming: T[] = []; // oldest first, not shown yet
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly size: number) {}

  push(item: T): void {
    this.coming.push(item);
    let lost = 0;
    if (this.coming.length > 2 * this.size) lost = this.coming.splice(0, this.coming.length - this.size).length;
    if (lost > 0) this.state = {...this.state, dropped: this.state.dropped + lost};
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.settle();
    }, TELL_AFTER_MS);
  }

  pause(): void {
    this.become({...this.state, paused: true});
  }

  resume(): void {
    this.state = {...this.state, paused: false};
    this.settle();
  }

  clear(): void {
    this.coming = [];
    this.become({...this.state, items: [], waiting: 0, dropped: 0});
  }

  // As useSyncExternalStore wants them.
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  readonly snapshot = (): Tail<T> => this.state;

  private settle(): void {
    if (this.state.paused) {
      this.become({...this.state, waiting: Math.min(this.coming.length, this.size)});
      return;
    }
    const items = [...this.coming.reverse(), ...this.state.items];
    const kept = items.slice(0, this.size);
    this.coming = [];
    this.become({...this.state, items: kept, waiting: 0, dropped: this.state.dropped + items.length - kept.length});
  }

  private become(next: Tail<T>): void {
    this.state = next;
    for (const listener of this.listeners) listener();
  }
}
