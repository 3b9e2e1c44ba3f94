// What a person has just done and the shop has not answered yet. It is laid over what the shop has said, and never mixed
// with it: when the answer comes, or a refusal, it is taken away, and what the events have told meanwhile shows.

import type {Change, Identified} from './change';

interface Entry {
  list: string;
  change: Change<Identified>;
}

export class PendingChanges {
  private entries: readonly Entry[] = [];
  private readonly listeners = new Set<() => void>();

  // Returns what takes it away.
  add<T extends Identified>(list: {name: string}, change: Change<T>): () => void {
    const entry = {list: list.name, change: change as unknown as Change<Identified>};
    this.set([...this.entries, entry]);
    return () => this.set(this.entries.filter((other) => other !== entry));
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  // The same array until something changes.
  readonly all = (): readonly Entry[] => this.entries;

  private set(entries: readonly Entry[]): void {
    this.entries = entries;
    for (const listener of this.listeners) listener();
  }
}

export function changesIn<T extends Identified>(list: {name: string}, entries: readonly Entry[]): Change<T>[] {
  return entries.filter((entry) => entry.list === list.name).map((entry) => entry.change as unknown as Change<T>);
}
