import {Button, SegmentedControl} from '@mantine/core';
import {useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';

import {groupsQuery} from '../../api/queries';
import type {Group} from '../../api/types';
import {FilterBar, SearchField} from '../../components/filter-bar';
import {GroupTable} from '../../components/group-table';
import {Page} from '../../components/page';
import {EmptyState, QueryView} from '../../components/states';

const route = getRouteApi('/groups');

export function GroupsPage() {
  const query = useQuery(groupsQuery);
  const {text = '', health} = route.useSearch();
  const navigate = route.useNavigate();
  const narrow = (change: {text?: string; health?: string}) =>
    void navigate({search: (search) => ({...search, ...change}), replace: true});
  const open = ({topic, group}: Group) => void navigate({to: '/groups/$topic/$group', params: {topic, group}});

  return (
    <Page title="Groups and handlers" description="Who reads which topic, how far each has come, and what holds it up">
      <FilterBar>
        <SearchField
          label="Find a group, topic or service"
          hotkey
          value={text}
          onSearch={(next) => narrow({text: next || undefined})}
          w={{base: '100%', sm: 260}}
        />
        <SegmentedControl
          size="xs"
          aria-label="Which groups"
          data={[
            {value: 'all', label: 'All'},
            {value: 'troubled', label: 'That need a look'},
          ]}
          value={health === 'troubled' ? 'troubled' : 'all'}
          onChange={(next) => narrow({health: next === 'troubled' ? next : undefined})}
        />
      </FilterBar>
      <QueryView query={query} label="the groups">
        {({items}) => {
          const rows = items.filter(
            (group) => (health !== 'troubled' || group.health !== 'ok') && matches(group, text),
          );
          if (rows.length > 0)
            return <GroupTable label="Groups" groups={rows} onOpen={open} maxHeight="calc(100dvh - 180px)" />;
          if (items.length === 0)
            return (
              <EmptyState
                title="No groups yet"
                next="A group appears with the first handler that reads a topic: service.on<Event>(…)."
              />
            );
          return (
            <EmptyState
              title={health === 'troubled' && !text ? 'All groups are healthy' : 'No group matches'}
              next={
                health === 'troubled' && !text
                  ? 'Nothing waits, fails or is paused.'
                  : 'A part of its name, of its topic or of its service finds it.'
              }
            >
              <Button variant="default" onClick={() => void navigate({search: {}, replace: true})}>
                Show all groups
              </Button>
            </EmptyState>
          );
        }}
      </QueryView>
    </Page>
  );
}

const matches = ({topic, group, service}: Group, text: string): boolean =>
  `${topic} ${group} ${service ?? ''}`.toLowerCase().includes(text.trim().toLowerCase());
