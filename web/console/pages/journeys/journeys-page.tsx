import {Button, Checkbox, Select, Text} from '@mantine/core';
import {IconArrowRight} from '@tabler/icons-react';
import {useInfiniteQuery, useQuery} from '@tanstack/react-query';
import {getRouteApi, Link} from '@tanstack/react-router';
import {useCallback} from 'react';

import {mapQuery} from '../../api/queries';
import type {JourneySummary, Outcome} from '../../api/types';
import {DataTable, type Column} from '../../components/data-table';
import {FilterBar, SearchField} from '../../components/filter-bar';
import {Page} from '../../components/page';
import {EmptyState, QueryView} from '../../components/states';
import {Duration, Moment, Num} from '../../components/values';
import {OutcomeText} from './outcome';
import {journeysQuery} from './queries';

const route = getRouteApi('/journeys');

const COLUMNS: Column<JourneySummary>[] = [
  {
    header: 'Began with',
    width: 'minmax(7rem, 2fr)',
    cell: ({trace_id, name}) => (
      <Link to="/journeys/$id" params={{id: trace_id}}>
        {name}
      </Link>
    ),
  },
  {
    header: 'Services',
    width: 'minmax(6rem, 1fr)',
    cell: ({services}) => services.join(', '),
    phone: false,
  },
  {header: 'Outcome', width: '6.5rem', cell: ({outcome}) => <OutcomeText outcome={outcome} />},
  {header: 'Started', width: '5rem', cell: ({started}) => <Moment at={started} />, align: 'end'},
  {header: 'Took', width: '5rem', cell: ({duration_ms}) => <Duration ms={duration_ms} />, align: 'end', phone: false},
  {header: 'Steps', width: '3.5rem', cell: ({steps}) => <Num value={steps} />, align: 'end', phone: false},
  {header: 'Trace', width: 'minmax(8rem, 1fr)', cell: ({trace_id}) => <code>{trace_id}</code>, phone: false},
];

const OUTCOMES: {value: Outcome; label: string}[] = [
  {value: 'ok', label: 'Went well'},
  {value: 'rejected', label: 'Rejected'},
  {value: 'retrying', label: 'Retrying'},
  {value: 'failed', label: 'Failed'},
  {value: 'dead_letter', label: 'Dead letter'},
];

export function JourneysPage() {
  const filter = route.useSearch();
  const navigate = route.useNavigate();
  const query = useInfiniteQuery(journeysQuery(filter));
  const services = useQuery(mapQuery).data?.services.map(({name}) => name) ?? [];
  const narrow = (change: typeof filter) =>
    void navigate({search: (search) => ({...search, ...change}), replace: true});
  const open = ({trace_id}: JourneySummary) => void navigate({to: '/journeys/$id', params: {id: trace_id}});
  const {hasNextPage, isFetchingNextPage, fetchNextPage} = query;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const filtered = Boolean(filter.text || filter.outcome || filter.service);

  return (
    <Page title="Journeys" description="One order, or whatever began with a request or an event, through all services">
      <FilterBar>
        <SearchField
          label="Order id, trace id, event id or name"
          hotkey
          value={filter.text ?? ''}
          onSearch={(text) => narrow({text: text || undefined})}
          w={{base: '100%', sm: 300}}
        />
        {filter.text && (
          <Button
            size="xs"
            variant="default"
            rightSection={<IconArrowRight size={14} aria-hidden />}
            renderRoot={(props) => <Link to="/journeys/$id" params={{id: filter.text!.trim()}} {...props} />}
          >
            Open it as an id
          </Button>
        )}
        <Select
          size="xs"
          aria-label="Outcome"
          placeholder="Any outcome"
          data={OUTCOMES}
          value={filter.outcome ?? null}
          onChange={(outcome) => narrow({outcome: outcome ?? undefined})}
          clearable
          w={140}
        />
        <Select
          size="xs"
          aria-label="Service"
          placeholder="Any service"
          data={services}
          value={filter.service ?? null}
          onChange={(service) => narrow({service: service ?? undefined})}
          clearable
          w={140}
        />
        <Checkbox
          size="xs"
          label="Reads, too"
          style={{alignSelf: 'center'}}
          checked={filter.reads === 'true'}
          onChange={(event) => narrow({reads: event.currentTarget.checked ? 'true' : undefined})}
        />
      </FilterBar>
      <QueryView query={query} label="the journeys">
        {({pages}) => {
          const rows = pages.flatMap(({items}) => items);
          if (rows.length === 0) return <NoJourneys filtered={filtered} onClear={() => void navigate({search: {}})} />;
          return (
            <>
              <DataTable
                label="Journeys"
                columns={COLUMNS}
                rows={rows}
                rowId={({trace_id}) => trace_id}
                onOpen={open}
                onEndReached={more}
              />
              <Text size="xs" c="dimmed">
                What this process remembers: every failure, and a fair sample of the rest. An order that is not listed
                may still be found by its id.
              </Text>
            </>
          );
        }}
      </QueryView>
    </Page>
  );
}

function NoJourneys({filtered, onClear}: {filtered: boolean; onClear: () => void}) {
  if (filtered)
    return (
      <EmptyState title="No journey matches" next="An id opens its journey even when it is not in this list.">
        <Button variant="default" onClick={onClear}>
          Show all
        </Button>
      </EmptyState>
    );
  return (
    <EmptyState
      title="No journeys yet"
      next="Ask a service for something (place an order, say), and its journey appears here."
    />
  );
}
