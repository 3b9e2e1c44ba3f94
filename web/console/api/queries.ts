// What several pages read. The stream of changes feeds the keys `map`, `groups`, `topics` and `health`.

import {queryOptions} from '@tanstack/react-query';

import {get} from './client';
import type {Group, HealthHistory, HealthNow, Page, System, SystemMap, Topic} from './types';

// Every 30 s anyway: so that nothing stays wrong for long, whatever became of the stream.
const LIVE = {staleTime: 30_000, refetchInterval: 30_000};

export const systemQuery = queryOptions({
  queryKey: ['system'],
  queryFn: ({signal}) => get<System>('/system', undefined, signal),
  staleTime: 60_000,
});

export const mapQuery = queryOptions({
  queryKey: ['map'],
  queryFn: ({signal}) => get<SystemMap>('/map', undefined, signal),
  ...LIVE,
});

export const groupsQuery = queryOptions({
  queryKey: ['groups'],
  queryFn: ({signal}) => get<Page<Group>>('/groups', undefined, signal),
  ...LIVE,
});

export const topicsQuery = queryOptions({
  queryKey: ['topics'],
  queryFn: ({signal}) => get<Page<Topic>>('/topics', undefined, signal),
  ...LIVE,
});

export const healthQuery = queryOptions({
  queryKey: ['health'],
  queryFn: ({signal}) => get<HealthNow>('/health', undefined, signal),
  ...LIVE,
});

const HISTORY_EVERY_MS = 5_000; // a point each

export const healthHistoryQuery = queryOptions({
  queryKey: ['health', 'history'],
  queryFn: ({signal}) => get<HealthHistory>('/health/history', undefined, signal),
  refetchInterval: HISTORY_EVERY_MS,
});
