import {Button, Group, Stack, Text} from '@mantine/core';
import {IconArrowUp} from '@tabler/icons-react';
import {useInfiniteQuery, useQueryClient} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {useCallback, useEffect, useMemo} from 'react';

import type {EntryPage, TopicDetails} from '../../api/types';
import {EmptyState, QueryView} from '../../components/states';
import {plural} from '../../format';
import {isNarrowed, queryOf, type EntryFilter} from './entry-filter';
import {EntryFilterBar} from './entry-filter-bar';
import {EntryTable} from './entry-table';
import {entriesQuery} from './queries';

const route = getRouteApi('/topics/$topic');

const ROWS_AT_FIRST = 40;
const PAGES_UNASKED = 50; // of 20,000 entries each, a few seconds, before a person says to search on

interface BrowseViewProps {
  topic: TopicDetails;
  selected: string | undefined;
  onOpen: (id: string) => void;
}

export function BrowseView({topic, selected, onOpen}: BrowseViewProps) {
  const {order, key, type, from, to, text} = route.useSearch();
  const navigate = route.useNavigate();
  const client = useQueryClient();
  const filter: EntryFilter = {order, key, type, from, to, text};
  // "15m ago" is counted from when it was asked for.
  const options = useMemo(
    () => entriesQuery(topic.name, queryOf({order, key, type, from, to, text}, Date.now())),
    [topic.name, order, key, type, from, to, text],
  );
  const query = useInfiniteQuery(options);
  const {data, hasNextPage, isFetching, isError, fetchNextPage} = query;
  const entries = useMemo(() => data?.pages.flatMap(({items}) => items) ?? [], [data]);
  const pages = data?.pages.length ?? 0;
  const narrow = (change: EntryFilter) => void navigate({search: (search) => ({...search, ...change}), replace: true});

  const more = useCallback(() => {
    if (hasNextPage && !isFetching && !isError) void fetchNextPage();
  }, [hasNextPage, isFetching, isError, fetchNextPage]);
  const short = entries.length < ROWS_AT_FIRST && pages < PAGES_UNASKED;
  useEffect(() => {
    if (pages > 0 && short) more();
  }, [pages, short, more]);

  const isNewer = order !== 'oldest' && !to && topic.last_id && entries.length > 0 && topic.last_id !== entries[0]?.id;
  return (
    <Stack gap="xs">
      <EntryFilterBar filter={filter} onChange={narrow} past />
      <QueryView query={query} label="the events">
        {(found) =>
          entries.length === 0 && !hasNextPage ? (
            <NoEntries topic={topic} filter={filter} onClear={() => void navigate({search: {}})} />
          ) : (
            <>
              <Group justify="space-between" mih={24} role="status">
                <Text size="xs" c="dimmed">
                  {summaryOf(found.pages, isNarrowed(filter))}
                </Text>
                <Group gap="xs">
                  {isNewer && !isNarrowed(filter) && (
                    <Button
                      size="compact-xs"
                      variant="light"
                      leftSection={<IconArrowUp size={12} aria-hidden />}
                      onClick={() => void client.resetQueries({queryKey: options.queryKey})}
                    >
                      Show newer events
                    </Button>
                  )}
                  {hasNextPage && !short && entries.length < ROWS_AT_FIRST && (
                    <Button size="compact-xs" variant="default" loading={isFetching} onClick={more}>
                      Search on
                    </Button>
                  )}
                </Group>
              </Group>
              {entries.length > 0 && (
                <EntryTable
                  label={`Events of ${topic.name}`}
                  entries={entries}
                  selected={selected}
                  onOpen={onOpen}
                  onEndReached={more}
                />
              )}
            </>
          )
        }
      </QueryView>
    </Stack>
  );
}

function summaryOf(pages: EntryPage[], narrowed: boolean): string {
  const found = pages.reduce((sum, {items}) => sum + items.length, 0);
  const scanned = pages.reduce((sum, page) => sum + page.scanned, 0);
  const more = pages.at(-1)?.next ? '' : ': that is all';
  return narrowed
    ? `${plural(found, 'event')} found in ${plural(scanned, 'event')} searched${more}`
    : `${plural(found, 'event')} read${more}`;
}

function NoEntries({topic, filter, onClear}: {topic: TopicDetails; filter: EntryFilter; onClear: () => void}) {
  if (isNarrowed(filter))
    return (
      <EmptyState
        title="No event matches"
        next={`All ${plural(topic.length, 'kept event')} were searched. Leave out a part of the filter, or widen its times.`}
      >
        <Button variant="default" onClick={onClear}>
          Show all events
        </Button>
      </EmptyState>
    );
  return (
    <EmptyState
      title="No events yet"
      next="They appear as services publish them. With “Publish” you make one by hand."
    />
  );
}
