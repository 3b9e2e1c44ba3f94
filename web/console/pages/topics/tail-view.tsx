import {Button, Group, Stack, Text} from '@mantine/core';
import {useHotkeys} from '@mantine/hooks';
import {IconPlayerPause, IconPlayerPlay} from '@tabler/icons-react';
import {getRouteApi} from '@tanstack/react-router';
import {useEffect, useMemo, useState, useSyncExternalStore} from 'react';

import {at} from '../../api/client';
import type {Entry} from '../../api/types';
import {EmptyState, ErrorState} from '../../components/states';
import {plural} from '../../format';
import {followEvents, type Connection} from '../../live/stream';
import {TailBuffer} from '../../live/tail-buffer';
import {isNarrowed, type EntryFilter} from './entry-filter';
import {EntryFilterBar} from './entry-filter-bar';
import {EntryTable} from './entry-table';

const route = getRouteApi('/topics/$topic');

const ENTRIES_KEPT = 1_000;

interface TailViewProps {
  topic: string;
  selected: string | undefined;
  onOpen: (id: string) => void;
}

export function TailView({topic, selected, onOpen}: TailViewProps) {
  const {key, type, text} = route.useSearch();
  const navigate = route.useNavigate();
  const filter: EntryFilter = {key, type, text};
  const buffer = useMemo(() => new TailBuffer<Entry>(ENTRIES_KEPT), [topic, key, type, text]);
  const {connection, error} = useTail(buffer, topic, filter);
  const tail = useSyncExternalStore(buffer.subscribe, buffer.snapshot);
  const toggle = () => (tail.paused ? buffer.resume() : buffer.pause());
  useHotkeys([['p', toggle]]);
  const narrow = (change: EntryFilter) => void navigate({search: (search) => ({...search, ...change}), replace: true});

  return (
    <Stack gap="xs">
      <EntryFilterBar filter={filter} onChange={narrow} />
      <Group justify="space-between" gap="xs">
        <Text size="xs" c="dimmed" role="status" data-tail={connection}>
          {stateText(connection, tail.paused)}
          {tail.paused && tail.waiting > 0 && `: ${plural(tail.waiting, 'new event')}`}
          {tail.dropped > 0 && ` (only the newest ${ENTRIES_KEPT} are kept)`}
        </Text>
        <Group gap="xs">
          <Button
            size="compact-xs"
            variant={tail.paused ? 'filled' : 'default'}
            leftSection={
              tail.paused ? <IconPlayerPlay size={12} aria-hidden /> : <IconPlayerPause size={12} aria-hidden />
            }
            onClick={toggle}
            title="p"
          >
            {tail.paused ? 'Go on' : 'Pause'}
          </Button>
          <Button size="compact-xs" variant="default" onClick={() => buffer.clear()} disabled={tail.items.length === 0}>
            Clear
          </Button>
        </Group>
      </Group>
      {tail.items.length > 0 ? (
        <EntryTable label={`Tail of ${topic}`} entries={tail.items} selected={selected} onOpen={onOpen} exact />
      ) : error && connection === 'lost' ? (
        <ErrorState title="The tail cannot be followed; it is tried again" error={error} />
      ) : (
        <EmptyState
          title="Waiting for the next event"
          next={
            isNarrowed(filter)
              ? 'Only events that match the filter appear.'
              : 'Events appear here as they are published. “Browse” shows those from before.'
          }
        />
      )}
    </Stack>
  );
}

function useTail(buffer: TailBuffer<Entry>, topic: string, {key, type, text}: EntryFilter) {
  const [state, setState] = useState<{connection: Connection; error?: unknown}>({connection: 'connecting'});
  useEffect(
    () =>
      followEvents(
        at('topics', topic, 'tail'),
        {
          onEvent: ({event, data}) => {
            if (event === 'entry') buffer.push(JSON.parse(data) as Entry);
          },
          onConnection: (connection, error) => setState({connection, error}),
        },
        {query: {key, type, text}},
      ),
    [buffer, topic, key, type, text],
  );
  return state;
}

function stateText(connection: Connection, paused: boolean): string {
  if (connection === 'lost') return 'The connection is lost; it is tried again';
  if (connection === 'connecting') return 'Connecting…';
  return paused ? 'Paused' : 'Live';
}
