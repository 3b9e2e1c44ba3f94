import {infiniteQueryOptions, queryOptions, useMutation, useQueryClient} from '@tanstack/react-query';

import {at, get, post} from '../../api/client';
import type {EntryDetails, EntryPage, TopicDetails} from '../../api/types';
import type {EntryQuery} from './entry-filter';

const PAGE_ENTRIES = 100;
const DETAILS_EVERY_MS = 5_000;

export const topicQuery = (topic: string) =>
  queryOptions({
    queryKey: ['topic', topic],
    queryFn: ({signal}) => get<TopicDetails>(at('topics', topic), undefined, signal),
    refetchInterval: DETAILS_EVERY_MS,
  });

// Entries never change, so what was read stays; who wants the newer ones asks again.
export const entriesQuery = (topic: string, query: EntryQuery) =>
  infiniteQueryOptions({
    queryKey: ['entries', topic, query],
    queryFn: ({pageParam, signal}) =>
      get<EntryPage>(at('topics', topic, 'entries'), {...query, limit: PAGE_ENTRIES, after: pageParam}, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({next}) => next ?? undefined,
    staleTime: Infinity,
    gcTime: 60_000,
  });

// With what each group has done with it, which goes on.
export const entryQuery = (topic: string, id: string) =>
  queryOptions({
    queryKey: ['entry', topic, id],
    queryFn: ({signal}) => get<EntryDetails>(at('topics', topic, 'entries', id), undefined, signal),
    refetchInterval: DETAILS_EVERY_MS,
  });

export interface NewEvent {
  key?: string;
  type?: string;
  data: unknown;
}

export function usePublish(topic: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (event: NewEvent) => post<{id: string}>(at('topics', topic, 'entries'), event),
    onSuccess: () => {
      void client.invalidateQueries({queryKey: ['topic', topic]});
      void client.invalidateQueries({queryKey: ['entries', topic]});
    },
  });
}
