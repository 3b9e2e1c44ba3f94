import {infiniteQueryOptions, queryOptions} from '@tanstack/react-query';

import {at, get} from '../../api/client';
import type {EntryDetails, Journey, JourneySummary, Page} from '../../api/types';

export interface JourneyFilter {
  text?: string;
  outcome?: string;
  service?: string;
  reads?: string; // "true": those that only read, too
}

const LIST_LIMIT = 100;
const LIST_EVERY_MS = 2_000;
const JOURNEY_EVERY_MS = 2_000; // while it may go on

export const journeysQuery = (filter: JourneyFilter) =>
  infiniteQueryOptions({
    queryKey: ['journeys', filter],
    queryFn: ({pageParam, signal}) =>
      get<Page<JourneySummary>>('/journeys', {...filter, limit: LIST_LIMIT, after: pageParam}, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({next}) => next ?? undefined,
    // Further pages are of the past: only who looks at the first sees new ones come in.
    refetchInterval: ({state}) => ((state.data?.pages.length ?? 0) <= 1 ? LIST_EVERY_MS : false),
    placeholderData: (before) => before,
  });

export const journeyQuery = (id: string) =>
  queryOptions({
    queryKey: ['journeys', 'one', id],
    queryFn: ({signal}) => get<Journey>(`/journeys${at(id)}`, undefined, signal),
    refetchInterval: JOURNEY_EVERY_MS,
  });

export const entryQuery = (topic: string, id: string) =>
  queryOptions({
    queryKey: ['topics', topic, 'entries', id],
    queryFn: ({signal}) => get<EntryDetails>(at('topics', topic, 'entries', id), undefined, signal),
    staleTime: 10_000,
  });
