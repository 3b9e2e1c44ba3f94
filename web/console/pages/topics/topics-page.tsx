import {Button, SegmentedControl} from '@mantine/core';
import {useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';

import {topicsQuery} from '../../api/queries';
import type {Topic} from '../../api/types';
import {DataTable, type Column} from '../../components/data-table';
import {FilterBar, SearchField} from '../../components/filter-bar';
import {Page} from '../../components/page';
import {EmptyState, QueryView} from '../../components/states';
import {TopicLink} from '../../components/text-link';
import {Bytes, Moment, Num, Rate} from '../../components/values';
import {KIND_WORDS, retentionText} from './retention';

const route = getRouteApi('/topics');

const COLUMNS: Column<Topic>[] = [
  {header: 'Topic', width: 'minmax(9rem, 2fr)', cell: ({name}) => <TopicLink topic={name} />},
  {
    header: 'Event',
    width: 'minmax(6rem, 1fr)',
    cell: ({kind, event}) => (kind === 'events' ? (event ?? 'any') : KIND_WORDS[kind]),
    phone: false,
  },
  {header: 'Kept', width: '5rem', cell: ({length}) => <Num value={length} />, align: 'end'},
  {
    header: 'Rate',
    width: '4.5rem',
    cell: ({events_per_s}) => <Rate value={events_per_s} />,
    align: 'end',
    phone: false,
  },
  {header: 'Last', width: '5.5rem', cell: ({last_time}) => <Moment at={last_time} />, align: 'end'},
  {header: 'Size', width: '5rem', cell: ({bytes}) => <Bytes value={bytes} />, align: 'end', phone: false},
  {header: 'Groups', width: '4rem', cell: ({groups}) => <Num value={groups} />, align: 'end', phone: false},
  {header: 'Keeps', width: 'minmax(6rem, 1fr)', cell: ({retention}) => retentionText(retention), phone: false},
];

export function TopicsPage() {
  const query = useQuery(topicsQuery);
  const {text = '', kind} = route.useSearch();
  const navigate = route.useNavigate();
  const narrow = (change: {text?: string; kind?: string}) =>
    void navigate({search: (search) => ({...search, ...change}), replace: true});
  const open = ({name}: Topic) => void navigate({to: '/topics/$topic', params: {topic: name}});

  return (
    <Page title="Topics" description="Events, in the order in which they were published">
      <FilterBar>
        <SearchField
          label="Find a topic or a type of event"
          hotkey
          value={text}
          onSearch={(next) => narrow({text: next || undefined})}
          w={{base: '100%', sm: 260}}
        />
        <SegmentedControl
          size="xs"
          aria-label="Which topics"
          data={[
            {value: 'events', label: 'Events'},
            {value: 'all', label: 'With internal ones'},
          ]}
          value={kind === 'all' ? 'all' : 'events'}
          onChange={(next) => narrow({kind: next === 'all' ? next : undefined})}
        />
      </FilterBar>
      <QueryView query={query} label="the topics">
        {({items}) => {
          const rows = items.filter((topic) => (kind === 'all' || topic.kind === 'events') && matches(topic, text));
          if (rows.length > 0)
            return (
              <DataTable
                label="Topics"
                columns={COLUMNS}
                rows={rows}
                rowId={({name}) => name}
                onOpen={open}
                maxHeight="calc(100dvh - 180px)"
              />
            );
          if (text !== '')
            return (
              <EmptyState title="No topic matches" next="A part of its name, or of the type of its events, finds it.">
                <Button variant="default" onClick={() => narrow({text: undefined, kind: 'all'})}>
                  Show all topics
                </Button>
              </EmptyState>
            );
          return (
            <EmptyState
              title="No topics yet"
              next="A topic appears with the first handler that reads it, or the first event that a service publishes."
            />
          );
        }}
      </QueryView>
    </Page>
  );
}

const matches = ({name, event}: Topic, text: string): boolean =>
  `${name} ${event ?? ''}`.toLowerCase().includes(text.trim().toLowerCase());
