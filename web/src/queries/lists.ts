// Reading lists and documents, kept live by the events.

import {infiniteQueryOptions, keepPreviousData, useInfiniteQuery, useQuery} from '@tanstack/react-query';
import {useMemo, useSyncExternalStore} from 'react';

import {getCard, getOrder, getProduct, getRole, type View} from '../api/shop';
import type {Card, Order, Page, Product, Role} from '../api/types';
import {applyChanges, type Identified} from '../live/change';
import {CARDS, ORDERS, PRODUCTS, ROLES, type LiveList} from '../live/lists';
import {documentKey, listKey, type LiveCache} from '../live/live-cache';
import {useLiveCache} from '../live/live-provider';
import {changesIn} from '../live/pending';

const ALL: View = {};

function listOptions<T extends Identified>(list: LiveList<T>, cache: LiveCache, view: View) {
  return infiniteQueryOptions({
    queryKey: listKey(list, view),
    queryFn: ({pageParam, signal}) => cache.fetchPage(list, {limit: list.limit, after: pageParam, view, signal}),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Page<T>) => page.next ?? undefined,
  });
}

// The list, as far as it has been loaded, as `items`, with what the person has just done to it (`pending`, by id); `query`
// for its state and the next page. While another view is being fetched, the rows of the last one stay.
export function useLiveList<T extends Identified>(list: LiveList<T>, view: View = ALL) {
  const query = useInfiniteQuery({...listOptions(list, useLiveCache(), view), placeholderData: keepPreviousData});
  const changes = usePendingChanges(list);
  const {search, sort, status} = view;
  return useMemo(() => {
    // A row that an event put at the top may be met again on the page where it stands.
    const byId = new Map<string, T>();
    for (const page of query.data?.pages ?? [])
      for (const item of page.items) if (!byId.has(item.id)) byId.set(item.id, item);
    const shown: View = {search, sort, status};
    const [page] = applyChanges([{items: [...byId.values()], next: null}], changes, {insert: false});
    const items = (page?.items ?? []).filter((item) => list.shows?.(item, shown) ?? true);
    const {compare} = list;
    if (compare) items.sort((a, b) => compare(a, b, shown));
    // What belongs behind the last page comes with the pages to come.
    const hasMore = query.hasNextPage && !query.isPlaceholderData;
    const last = hasMore ? query.data?.pages.at(-1)?.items.at(-1) : undefined;
    const loaded = compare && last ? items.filter((item) => compare(item, last, shown) <= 0) : items;
    return {query, items: loaded, pending: new Set(changes.map(({id}) => id))};
  }, [list, query, changes, search, sort, status]);
}

function usePendingChanges<T extends Identified>(list: LiveList<T>) {
  const {pending} = useLiveCache();
  const entries = useSyncExternalStore(pending.subscribe, pending.all);
  return useMemo(() => changesIn<T>(list, entries), [list, entries]);
}

// One document of the list, as far as the list has been loaded; redraws for this document's changes only. `missing` when
// the list came without it, or not at all.
export function useListed<T extends Identified>(list: LiveList<T>, id: string) {
  const {data, isPending} = useInfiniteQuery({
    ...listOptions(list, useLiveCache(), ALL),
    select: ({pages}) => pages.flatMap(({items}) => items).find((item) => item.id === id) ?? null,
  });
  return {found: data ?? undefined, missing: !data && !isPending};
}

function useLiveDocument<T extends Identified>(
  list: LiveList<T>,
  id: string,
  fetch: (id: string, signal: AbortSignal) => Promise<T>,
  enabled = true,
) {
  const cache = useLiveCache();
  return useQuery({
    queryKey: documentKey(list, id),
    queryFn: ({signal}) => cache.fetchDocument(list, id, () => fetch(id, signal)),
    enabled,
  });
}

const productOf = async (id: string, signal: AbortSignal) => (await getProduct(id, signal)).document;

export const useProduct = (id: string, enabled = true) =>
  useLiveDocument<Product>(PRODUCTS, id, productOf, enabled);
export const useOrder = (id: string) => useLiveDocument<Order>(ORDERS, id, getOrder);

// A card and a role are asked for one by one only where the lists do not have them.
export const useCard = (userId: string, enabled: boolean) => useLiveDocument<Card>(CARDS, userId, getCard, enabled);
export const useRole = (userId: string, enabled: boolean) => useLiveDocument<Role>(ROLES, userId, getRole, enabled);
