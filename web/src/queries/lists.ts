// Reading lists and documents, kept live by the events.

import {infiniteQueryOptions, useInfiniteQuery, useQuery} from '@tanstack/react-query';
import {useMemo} from 'react';

import {getCard, getOrder, getProduct, getRole} from '../api/shop';
import type {Card, Order, Page, Product, Role} from '../api/types';
import type {Identified} from '../live/change';
import {CARDS, ORDERS, PRODUCTS, ROLES, type LiveList} from '../live/lists';
import {documentKey, listKey, type LiveCache} from '../live/live-cache';
import {useLiveCache} from '../live/live-provider';

function listOptions<T extends Identified>(list: LiveList<T>, cache: LiveCache) {
  return infiniteQueryOptions({
    queryKey: listKey(list),
    queryFn: ({pageParam, signal}) => cache.fetchPage(list, {limit: list.limit, after: pageParam, signal}),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Page<T>) => page.next ?? undefined,
  });
}

// The list, as far as it has been loaded, as `items`; `query` for its state and the next page.
export function useLiveList<T extends Identified>(list: LiveList<T>) {
  const query = useInfiniteQuery(listOptions(list, useLiveCache()));
  // A row that an event put at the top may be met again on the page where it stands.
  const items = useMemo(() => {
    const byId = new Map<string, T>();
    for (const page of query.data?.pages ?? [])
      for (const item of page.items) if (!byId.has(item.id)) byId.set(item.id, item);
    return [...byId.values()];
  }, [query.data]);
  return {query, items};
}

// One document of the list, as far as the list has been loaded; redraws for this document's changes only. `missing` when
// the list came without it, or not at all.
export function useListed<T extends Identified>(list: LiveList<T>, id: string) {
  const {data, isPending} = useInfiniteQuery({
    ...listOptions(list, useLiveCache()),
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
