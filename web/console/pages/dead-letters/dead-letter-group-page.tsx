import {Button, Group, Select} from '@mantine/core';
import {useInfiniteQuery, useQuery} from '@tanstack/react-query';
import {getRouteApi, Link} from '@tanstack/react-router';
import {useCallback, useMemo, useState} from 'react';

import type {DeadLetter} from '../../api/types';
import {DataTable, type Column} from '../../components/data-table';
import {DetailsSplit} from '../../components/details-split';
import {FilterBar} from '../../components/filter-bar';
import {Page} from '../../components/page';
import {EmptyState, QueryView} from '../../components/states';
import {GroupLink} from '../../components/text-link';
import {Moment, Num} from '../../components/values';
import {plural} from '../../format';
import {AllDialog, type AllAction} from './all-dialog';
import {LetterView} from './letter-view';
import {deadLettersQuery, lettersQuery} from './queries';

const route = getRouteApi('/dead-letters/$topic/$group');

const COLUMNS: Column<DeadLetter>[] = [
  {header: 'Given up', width: '5.5rem', cell: ({time}) => <Moment at={time} />},
  {header: 'Error', width: 'minmax(10rem, 3fr)', cell: ({error}) => <span title={error}>{error}</span>},
  {header: 'Tries', width: '3rem', cell: ({attempts}) => <Num value={attempts} />, align: 'end', phone: false},
  {header: 'Type', width: 'minmax(5rem, 9rem)', cell: ({type}) => type ?? '–', phone: false},
  {header: 'Key', width: 'minmax(6rem, 14rem)', cell: ({key}) => (key ? <code title={key}>{key}</code> : '–')},
  {header: 'Event', width: '10rem', cell: ({event_id}) => <code>{event_id}</code>, phone: false},
];

export function DeadLetterGroupPage() {
  const {topic, group} = route.useParams();
  const name = useMemo(() => ({topic, group}), [topic, group]);
  const {error, letter} = route.useSearch();
  const navigate = route.useNavigate();
  const [action, setAction] = useState<AllAction>();
  const summary = useQuery(deadLettersQuery).data?.items.find((one) => one.topic === topic && one.group === group);
  const query = useInfiniteQuery(lettersQuery(name, error));
  const {hasNextPage, isFetchingNextPage, fetchNextPage} = query;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const open = (id: string | undefined) =>
    void navigate({search: (search) => ({...search, letter: id}), replace: true, resetScroll: false});
  const count = error === undefined ? summary?.count : summary?.errors.find((one) => one.error === error)?.count;

  return (
    <Page
      title={`Dead letters of ${group}`}
      up={{to: '/dead-letters', label: 'Dead letters'}}
      description={
        <Group gap="sm">
          <GroupLink topic={topic} group={group} />
          {count !== undefined && (
            <span>{`${plural(count, 'letter')}${error === undefined ? '' : ' of this error'}`}</span>
          )}
        </Group>
      }
      actions={
        count !== undefined &&
        count > 0 && (
          <>
            <Button size="xs" onClick={() => setAction('redrive')}>
              Redrive all…
            </Button>
            <Button size="xs" variant="default" onClick={() => setAction('discard')}>
              Discard all…
            </Button>
          </>
        )
      }
    >
      {action && (
        <AllDialog action={action} name={name} error={error} count={count ?? 0} onClose={() => setAction(undefined)} />
      )}
      <FilterBar>
        <Select
          size="xs"
          aria-label="Error"
          placeholder="Any error"
          data={errorOptions(summary?.errors ?? [], error)}
          value={error ?? null}
          onChange={(next) => void navigate({search: {error: next ?? undefined}, replace: true})}
          clearable
          searchable
          w={{base: '100%', sm: 480}}
        />
      </FilterBar>
      <QueryView query={query} label="the letters">
        {({pages}) => {
          const letters = pages.flatMap(({items}) => items);
          return (
            <DetailsSplit
              label="The letter"
              details={letter && <LetterView key={letter} name={name} id={letter} onClose={() => open(undefined)} />}
              onClose={() => open(undefined)}
            >
              {letters.length > 0 ? (
                <DataTable
                  label="Dead letters"
                  columns={COLUMNS}
                  rows={letters}
                  rowId={({id}) => id}
                  rowsTotal={count}
                  selected={letter}
                  onOpen={({id}) => open(id)}
                  onEndReached={more}
                  maxHeight="calc(100dvh - 220px)"
                />
              ) : (
                <NoLetters filtered={error !== undefined} onClear={() => void navigate({search: {}, replace: true})} />
              )}
            </DetailsSplit>
          );
        }}
      </QueryView>
    </Page>
  );
}

// Those that there are, and the chosen one even when its last letter is gone.
function errorOptions(errors: {error: string; count: number}[], chosen: string | undefined) {
  const options = errors
    .filter(({error}) => error !== '')
    .map(({error, count}) => ({value: error, label: `${error} (${count})`}));
  if (chosen !== undefined && !options.some(({value}) => value === chosen))
    options.push({value: chosen, label: chosen});
  return options;
}

function NoLetters({filtered, onClear}: {filtered: boolean; onClear: () => void}) {
  if (filtered)
    return (
      <EmptyState title="No letter with this error is left" next="They were redriven or discarded.">
        <Button variant="default" onClick={onClear}>
          Show all of the group
        </Button>
      </EmptyState>
    );
  return (
    <EmptyState title="No dead letters" next="This group has given up on nothing.">
      <Button variant="default" renderRoot={(props) => <Link to="/dead-letters" {...props} />}>
        Those of other groups
      </Button>
    </EmptyState>
  );
}
