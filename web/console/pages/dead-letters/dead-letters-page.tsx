import {Button, Group as Row, Stack, Table, Text, Title} from '@mantine/core';
import {useQuery} from '@tanstack/react-query';
import {getRouteApi, Link} from '@tanstack/react-router';

import type {DeadLetterGroup} from '../../api/types';
import {FilterBar, SearchField} from '../../components/filter-bar';
import {Page} from '../../components/page';
import {EmptyState, QueryView} from '../../components/states';
import {GroupLink} from '../../components/text-link';
import {Moment, Num} from '../../components/values';
import {plural} from '../../format';
import classes from './dead-letters.module.css';
import {deadLettersQuery} from './queries';

const route = getRouteApi('/dead-letters');

export function DeadLettersPage() {
  const query = useQuery(deadLettersQuery);
  const {text = ''} = route.useSearch();
  const navigate = route.useNavigate();
  const search = (next: string) => void navigate({search: {text: next || undefined}, replace: true});

  return (
    <Page
      title="Dead letters"
      description="Events that a handler gave up on, by what it failed with. They wait until somebody redrives or discards them."
    >
      <QueryView query={query} label="the dead letters">
        {({items}) => {
          if (items.length === 0)
            return (
              <EmptyState
                title="No dead letters"
                next="Every event was handled, or still is. What is being tried again stands with its group."
              >
                <Button variant="default" renderRoot={(props) => <Link to="/groups" {...props} />}>
                  Groups and handlers
                </Button>
              </EmptyState>
            );
          const found = items.filter((group) => matches(group, text));
          return (
            <>
              <FilterBar>
                <SearchField
                  label="Find a group or an error"
                  hotkey
                  value={text}
                  onSearch={search}
                  w={{base: '100%', sm: 260}}
                />
              </FilterBar>
              {found.length === 0 && (
                <EmptyState title="Nothing matches" next="A part of the error, of the topic or of the group finds it.">
                  <Button variant="default" onClick={() => search('')}>
                    Show all dead letters
                  </Button>
                </EmptyState>
              )}
              {found.map((group) => (
                <GroupErrors key={`${group.topic} ${group.group}`} of={group} />
              ))}
            </>
          );
        }}
      </QueryView>
    </Page>
  );
}

function GroupErrors({of: {topic, group, service, count, looked_at, errors_exact, errors}}: {of: DeadLetterGroup}) {
  return (
    <Stack gap="xs" component="section" aria-label={`${topic} → ${group}`} className={classes.group}>
      <Row justify="space-between" gap="sm">
        <Title order={2}>
          <GroupLink topic={topic} group={group} />
        </Title>
        <Text size="sm" c="dimmed">
          {plural(count, 'letter')}
          {service && ` of ${service}`}
        </Text>
      </Row>
      <Table aria-label={`Errors of ${topic} → ${group}`} highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Error</Table.Th>
            <Table.Th scope="col" ta="end">
              Letters
            </Table.Th>
            <Table.Th scope="col" ta="end" visibleFrom="sm">
              First
            </Table.Th>
            <Table.Th scope="col" ta="end">
              Last
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {errors.map(({error, count: letters, first, last}) => (
            <Table.Tr key={error}>
              <Table.Td className={classes.error}>
                <Link to="/dead-letters/$topic/$group" params={{topic, group}} search={{error}}>
                  {error || 'No reason was given'}
                </Link>
              </Table.Td>
              <Table.Td ta="end">
                {!errors_exact && '≥ '}
                <Num value={letters} />
              </Table.Td>
              <Table.Td ta="end" visibleFrom="sm">
                <Moment at={first} />
              </Table.Td>
              <Table.Td ta="end">
                <Moment at={last} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {!errors_exact && (
        <Text size="xs" c="dimmed">
          At least so many, counted among the oldest {plural(looked_at, 'letter')}
          {looked_at === count && ' and the errors that came first'}; the others follow as these are settled.
        </Text>
      )}
    </Stack>
  );
}

function matches({topic, group, service, errors}: DeadLetterGroup, text: string): boolean {
  const words = [topic, group, service ?? '', ...errors.map(({error}) => error)].join(' ').toLowerCase();
  return words.includes(text.trim().toLowerCase());
}
