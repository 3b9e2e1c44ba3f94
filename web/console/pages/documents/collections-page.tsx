import {Button} from '@mantine/core';
import {useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';

import type {Collection} from '../../api/types';
import {DataTable, type Column} from '../../components/data-table';
import {FilterBar, SearchField} from '../../components/filter-bar';
import {Page} from '../../components/page';
import {EmptyState, QueryView} from '../../components/states';
import {CollectionLink} from '../../components/text-link';
import {Num} from '../../components/values';
import {collectionsQuery} from './queries';

const route = getRouteApi('/documents');

const COLUMNS: Column<Collection>[] = [
  {header: 'Collection', width: 'minmax(9rem, 2fr)', cell: ({name}) => <CollectionLink collection={name} />},
  {header: 'Service', width: 'minmax(6rem, 1fr)', cell: ({service}) => service ?? 'none here'},
  {
    header: 'Documents',
    width: '6rem',
    cell: ({documents, documents_exact}) => (
      <>
        {!documents_exact && '> '}
        <Num value={documents} />
      </>
    ),
    align: 'end',
  },
  {
    header: 'Indexes',
    width: 'minmax(8rem, 3fr)',
    cell: ({indexes}) => indexes.map(({name}) => name).join(', ') || '–',
    phone: false,
  },
];

export function CollectionsPage() {
  const query = useQuery(collectionsQuery);
  const {text = ''} = route.useSearch();
  const navigate = route.useNavigate();
  const search = (next: string) => void navigate({search: {text: next || undefined}, replace: true});
  const open = ({name}: Collection) => void navigate({to: '/documents/$collection', params: {collection: name}});

  return (
    <Page title="Documents" description="What the services know, by collection">
      <FilterBar>
        <SearchField
          label="Find a collection or a service"
          hotkey
          value={text}
          onSearch={search}
          w={{base: '100%', sm: 260}}
        />
      </FilterBar>
      <QueryView query={query} label="the collections">
        {({items}) => {
          const rows = items.filter(({name, service}) =>
            `${name} ${service ?? ''}`.toLowerCase().includes(text.trim().toLowerCase()),
          );
          if (rows.length > 0)
            return (
              <DataTable
                label="Collections"
                columns={COLUMNS}
                rows={rows}
                rowId={({name}) => name}
                onOpen={open}
                maxHeight="calc(100dvh - 180px)"
              />
            );
          if (items.length === 0)
            return (
              <EmptyState
                title="No collections yet"
                next="A collection appears with the service that declares it, or its first document: tx.put(document)."
              />
            );
          return (
            <EmptyState title="No collection matches" next="A part of its name, or of its service, finds it.">
              <Button variant="default" onClick={() => search('')}>
                Show all collections
              </Button>
            </EmptyState>
          );
        }}
      </QueryView>
    </Page>
  );
}
