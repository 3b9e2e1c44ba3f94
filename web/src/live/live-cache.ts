// Keeps the query cache true to the shop's events.
//
// An answer is a snapshot from some moment while its request ran, and events come on a connection of their own, so
// either may be the newer one. The rules: changes that arrive while a request runs are applied to its answer too; an
// event that is older than one already seen is dropped (Memory); an order never goes back. So what is shown becomes what
// the shop has, whichever way the messages cross.

import {hashKey, type InfiniteData, type QueryClient, type QueryKey} from '@tanstack/react-query';

import type {ShopEvent} from '../api/events';
import type {PageRequest, View} from '../api/shop';
import type {Page} from '../api/types';
import {applyChanges, type Change, type Identified} from './change';
import {ALL_LISTS, ORDER_ENDED, ORDERS, type LiveList} from './lists';
import {Memory} from './memory';
import {PendingChanges} from './pending';

const BATCH_MS = 50; // bounds how often a busy shop redraws the page
const ROWS_ADDED_MAX = 300; // past that, the first page is fetched again instead
const REFETCH_PAUSE_MS = 1000;
const ORDER_END_MS_MAX = 10_000;

interface Arrival {
  list: LiveList<Identified>;
  change: Change<Identified>;
}

// Every view of a list (its order, what is searched for) is a query of its own.
const viewsKey = (list: {name: string}): QueryKey => [list.name, 'list'];
export const listKey = (list: {name: string}, view: View = {}): QueryKey => [...viewsKey(list), view];
export const documentKey = (list: {name: string}, id: string): QueryKey => [list.name, 'document', id];

export class LiveCache {
  readonly pending = new PendingChanges();
  private readonly memory = new Memory();
  private readonly running = new Set<Arrival[]>(); // for each running request, what arrived meanwhile
  private batch: Arrival[] = [];
  private batchTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly refetches = new Map<string, ReturnType<typeof setTimeout>>();
  private readonly orderEnds = new Map<string, () => void>();

  constructor(private readonly client: QueryClient) {}

  receive(event: ShopEvent): void {
    for (const list of ALL_LISTS)
      for (const change of list.changesOf(event)) {
        if (!this.memory.admit(list.name, change)) continue;
        this.note(list, change);
        if (!change.creates) continue;
        for (const other of this.memory.latestOf(list.name, change.id))
          if (other.part !== change.part) this.note(list, other);
      }
    if (this.batch.length > 0) this.batchTimer ??= setTimeout(() => this.flush(), BATCH_MS);
  }

  // What an answer has told, in the words of the event that tells it to everybody: that event changes nothing more.
  receiveNow(event: ShopEvent): void {
    this.receive(event);
    clearTimeout(this.batchTimer);
    this.flush();
  }

  // A document that is about to be shown, as an answer had it.
  seed<T extends Identified>(list: LiveList<T>, document: T): void {
    const current = this.remembered(list, document.id).reduce<T>((known, change) => change.update(known) ?? known, document);
    this.client.setQueryData<T>(documentKey(list, document.id), current);
  }

  // Calls back once, when the events have told of the order's end, or after a while without such news.
  onceOrderEnds(id: string, callback: () => void): void {
    if (this.remembered(ORDERS, id).some(({rank}) => rank === ORDER_ENDED)) return callback();
    const timer = setTimeout(() => this.tellOrderEnd(id), ORDER_END_MS_MAX);
    this.orderEnds.set(id, () => {
      clearTimeout(timer);
      callback();
    });
    return undefined;
  }

  private tellOrderEnd(id: string): void {
    this.orderEnds.get(id)?.();
    this.orderEnds.delete(id);
  }

  private note(list: LiveList<Identified>, change: Change<Identified>): void {
    this.batch.push({list, change});
    for (const arrivals of this.running) arrivals.push({list, change});
  }

  // After a gap in the events, everything shown is fetched anew.
  resynchronise(): void {
    void this.client.invalidateQueries();
  }

  async fetchPage<T extends Identified>(list: LiveList<T>, page: PageRequest): Promise<Page<T>> {
    const {answer, missed} = await this.whileListening(list, () => list.fetchPage(page));
    const remembered = list.forwardOnly ? answer.items.flatMap(({id}) => this.remembered(list, id)) : [];
    const [current = answer] = applyChanges([answer], remembered, {insert: false});
    const [shown = current] = applyChanges([current], missed, {insert: page.after === undefined});
    return {...shown, answered: answer.items.length};
  }

  // A document that is absent for the request may have come by an event meanwhile.
  async fetchDocument<T extends Identified>(list: LiveList<T>, id: string, request: () => Promise<T>): Promise<T> {
    const attempt = () => request().then((value) => ({value}), (error: unknown) => ({error}));
    const {answer, missed} = await this.whileListening(list, attempt);
    const found = 'value' in answer ? answer.value : undefined;
    const changes = [...(list.forwardOnly ? this.remembered(list, id) : []), ...missed.filter((c) => c.id === id)];
    const current = changes.reduce<T | undefined>((document, change) => change.update(document), found) ?? found;
    if (current === undefined) throw 'error' in answer ? answer.error : new Error('no answer');
    return current;
  }

  private async whileListening<T extends Identified, A>(list: LiveList<T>, request: () => Promise<A>) {
    const arrivals: Arrival[] = [];
    this.running.add(arrivals);
    try {
      const answer = await request();
      return {answer, missed: changesOf(list, arrivals)};
    } finally {
      this.running.delete(arrivals);
    }
  }

  private remembered<T extends Identified>(list: LiveList<T>, id: string): Change<T>[] {
    return this.memory.latestOf(list.name, id) as Change<T>[];
  }

  private flush(): void {
    const arrivals = this.batch;
    this.batch = [];
    this.batchTimer = undefined;
    for (const list of ALL_LISTS) {
      const changes = changesOf(list, arrivals);
      if (changes.length > 0) this.change(list, changes);
    }
    for (const {id, rank} of changesOf(ORDERS, arrivals)) if (rank === ORDER_ENDED) this.tellOrderEnd(id);
  }

  private change<T extends Identified>(list: LiveList<T>, changes: Change<T>[]): void {
    this.refetchWhatMayHaveMore(list, changes);
    this.client.setQueriesData<InfiniteData<Page<T>>>({queryKey: viewsKey(list)}, (data) => {
      if (!data) return undefined;
      const pages = applyChanges(data.pages, changes);
      const [first] = pages;
      const answered = first?.answered ?? list.limit;
      if (!first || first.items.length <= answered + ROWS_ADDED_MAX) return {...data, pages};
      this.refetchSoon(viewsKey(list));
      return {pages: [{...first, items: first.items.slice(0, answered)}], pageParams: data.pageParams.slice(0, 1)};
    });
    for (const {id, update} of changes) {
      const key = documentKey(list, id);
      if (!this.client.getQueryState(key)) continue;
      const before = this.client.getQueryData<T>(key);
      const after = update(before);
      if (after) this.client.setQueryData<T>(key, after);
      else if (before) void this.client.invalidateQueries({queryKey: key}); // it is gone: let the shop say so
    }
  }

  // Views of a part of the list, which an event may have brought a document that it does not tell all of.
  private refetchWhatMayHaveMore<T extends Identified>(list: LiveList<T>, changes: Change<T>[]): void {
    for (const [key, data] of this.client.getQueriesData<InfiniteData<Page<T>>>({queryKey: viewsKey(list)})) {
      const view = key[2] as View;
      const shown = new Set(data?.pages.flatMap(({items}) => items.map(({id}) => id)));
      if (changes.some((change) => !shown.has(change.id) && list.mayEnter?.(change, view))) this.refetchSoon(key);
    }
  }

  private refetchSoon(queryKey: QueryKey): void {
    const hash = hashKey(queryKey);
    if (this.refetches.has(hash)) return;
    const run = () => {
      this.refetches.delete(hash);
      void this.client.invalidateQueries({queryKey}, {cancelRefetch: false});
    };
    this.refetches.set(hash, setTimeout(run, REFETCH_PAUSE_MS));
  }
}

function changesOf<T extends Identified>(list: LiveList<T>, arrivals: readonly Arrival[]): Change<T>[] {
  return arrivals.filter((arrival) => arrival.list.name === list.name).map((arrival) => arrival.change as Change<T>);
}
