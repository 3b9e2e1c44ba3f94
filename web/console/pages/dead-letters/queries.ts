import {infiniteQueryOptions, queryOptions, useMutation, useQueryClient} from '@tanstack/react-query';
import {useCallback} from 'react';

import {at, get, post, remove} from '../../api/client';
import type {DeadLetter, DeadLetterGroup, Page, Trial} from '../../api/types';
import type {Fields} from '../../schema/event-fields';

const PAGE_LETTERS = 100;
const EVERY_MS = 3_000;

export interface GroupName {
  topic: string;
  group: string;
}

export const lettersPath = ({topic, group}: GroupName): string => at('dead-letters', topic, group);
const letterPath = ({topic, group}: GroupName, id: string): string => at('dead-letters', topic, group, id);

export const deadLettersQuery = queryOptions({
  queryKey: ['dead-letters'],
  queryFn: ({signal}) => get<Page<DeadLetterGroup>>('/dead-letters', undefined, signal),
  refetchInterval: EVERY_MS,
});

export const lettersQuery = (name: GroupName, error: string | undefined) =>
  infiniteQueryOptions({
    queryKey: ['dead-letters', name.topic, name.group, 'list', error],
    queryFn: ({pageParam, signal}) =>
      get<Page<DeadLetter>>(lettersPath(name), {error, limit: PAGE_LETTERS, after: pageParam}, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({next}) => next ?? undefined,
    refetchInterval: ({state}) => ((state.data?.pages.length ?? 0) <= 1 ? EVERY_MS : false),
  });

export const letterQuery = (name: GroupName, id: string) =>
  queryOptions({
    queryKey: ['dead-letters', name.topic, name.group, 'one', id],
    queryFn: ({signal}) => get<DeadLetter>(letterPath(name, id), undefined, signal),
    staleTime: 30_000,
  });

// What is shown of a group's letters is out of date.
export function useLettersChanged(): () => Promise<unknown> {
  const client = useQueryClient();
  return useCallback(
    () =>
      Promise.all([
        client.invalidateQueries({queryKey: ['dead-letters'], predicate: ({queryKey}) => queryKey[3] !== 'one'}),
        client.invalidateQueries({queryKey: ['groups']}),
      ]),
    [client],
  );
}

export function useTry(name: GroupName, id: string) {
  return useMutation({
    mutationFn: (fields: Fields | undefined) => post<Trial>(`${letterPath(name, id)}/try`, fields ? {fields} : {}),
  });
}

export function useRedrive(name: GroupName, id: string) {
  const changed = useLettersChanged();
  return useMutation({
    mutationFn: (fields: Fields | undefined) => post(`${letterPath(name, id)}/redrive`, fields ? {fields} : {}),
    onSuccess: changed,
  });
}

export function useDiscard(name: GroupName, id: string) {
  const changed = useLettersChanged();
  return useMutation({
    mutationFn: (reason: string) => remove(letterPath(name, id), reason ? {reason} : {}),
    onSuccess: changed,
  });
}
