import {queryOptions, useMutation, useQueryClient} from '@tanstack/react-query';

import {at, get, post, remove} from '../../api/client';
import type {GroupDetails, Seek} from '../../api/types';

const DETAILS_EVERY_MS = 2_000;

// Where a cursor is that has read nothing.
export const BEFORE_ALL = '0-0';

export interface GroupName {
  topic: string;
  group: string;
}

const pathOf = ({topic, group}: GroupName): string => at('groups', topic, group);

export const groupQuery = (name: GroupName) =>
  queryOptions({
    queryKey: ['group', name.topic, name.group],
    queryFn: ({signal}) => get<GroupDetails>(pathOf(name), undefined, signal),
    refetchInterval: DETAILS_EVERY_MS,
  });

// How many events a move would repeat or skip, as of now.
export const seekQuery = (name: GroupName, to: string) =>
  queryOptions({
    queryKey: ['seek', name.topic, name.group, to],
    queryFn: () => post<Seek>(`${pathOf(name)}/seek`, {to, dry_run: true}),
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });

function useGroupAction<Input, Answer>(name: GroupName, run: (input: Input) => Promise<Answer>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({queryKey: ['group', name.topic, name.group]}),
        client.invalidateQueries({queryKey: ['groups']}),
      ]),
  });
}

export const usePause = (name: GroupName) =>
  useGroupAction(name, (reason: string) =>
    post(`${pathOf(name)}/pause`, {reason: reason || undefined, by: 'the console'}),
  );

export const useResume = (name: GroupName) => useGroupAction(name, () => post(`${pathOf(name)}/resume`));

export const useSeek = (name: GroupName) =>
  useGroupAction(name, (to: string) => post<Seek>(`${pathOf(name)}/seek`, {to, dry_run: false}));

export const useExpire = (name: GroupName) => useGroupAction(name, () => remove(pathOf(name)));
