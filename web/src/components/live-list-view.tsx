// The four states of a list: loading, failed, empty, and its rows.

import {Alert, Button, Center} from '@mantine/core';
import {IconAlertTriangle} from '@tabler/icons-react';
import type {ReactNode} from 'react';

import type {useLiveList} from '../queries/lists';
import {DataTable, DataTableSkeleton, type Column} from './data-table';
import {ErrorState, messageOf} from './error-state';

interface LiveListViewProps<T extends {id: string}> {
  label: string;
  columns: Column<T>[];
  query: ReturnType<typeof useLiveList<T>>['query'];
  rows: T[];
  pending?: ReadonlySet<string>;
  rowHeight?: number;
  empty: ReactNode;
}

export function LiveListView<T extends {id: string}>(props: LiveListViewProps<T>) {
  const {label, columns, query, rows, pending, rowHeight, empty} = props;
  const name = label.toLowerCase();
  if (query.isPending) return <DataTableSkeleton label={label} columns={columns} rowHeight={rowHeight} />;
  if (!query.data)
    return (
      <ErrorState
        title={`The ${name} could not be loaded`}
        error={query.error}
        onRetry={() => void query.refetch()}
        retrying={query.isFetching}
      />
    );
  return (
    <>
      {query.isError && (
        <Alert color="orange" icon={<IconAlertTriangle aria-hidden />} mb="sm" title={`The ${name} may be out of date`}>
          {messageOf(query.error)}{' '}
          <Button size="compact-sm" variant="default" onClick={() => void query.refetch()} loading={query.isFetching}>
            Try again
          </Button>
        </Alert>
      )}
      {rows.length === 0 ? empty : <DataTable label={label} columns={columns} rows={rows} pending={pending} rowHeight={rowHeight} />}
      {query.hasNextPage && (
        <Center mt="md">
          <Button variant="default" onClick={() => void query.fetchNextPage()} loading={query.isFetchingNextPage}>
            Show more
          </Button>
        </Center>
      )}
    </>
  );
}
