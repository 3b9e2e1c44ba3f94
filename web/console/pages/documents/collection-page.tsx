import {Button, Text} from '@mantine/core';
import {useInfiniteQuery, useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {useCallback, useMemo} from 'react';

import type {StoredDocument} from '../../api/types';
import {DataTable, type Column} from '../../components/data-table';
import {JsonView} from '../../components/json-view';
import {Page, Section} from '../../components/page';
import {EmptyState, QueryView} from '../../components/states';
import {DocumentLink} from '../../components/text-link';
import {plural} from '../../format';
import classes from './documents.module.css';
import {DocumentFilterBar} from './document-filter-bar';
import {collectionsQuery, documentsQuery, type DocumentFilter} from './queries';

const route = getRouteApi('/documents/$collection');

export function CollectionPage() {
  const {collection} = route.useParams();
  const filter = route.useSearch();
  const navigate = route.useNavigate();
  const collections = useQuery(collectionsQuery).data?.items;
  const about = collections?.find(({name}) => name === collection);
  const query = useInfiniteQuery(documentsQuery(collection, filter));
  const {hasNextPage, isFetchingNextPage, fetchNextPage} = query;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const columns = useMemo(() => columnsOf(collection), [collection]);
  const narrow = (change: DocumentFilter) =>
    void navigate({search: (search) => ({...search, ...change}), replace: true});
  const open = (id: string) => void navigate({to: '/documents/$collection/$id', params: {collection, id}});

  return (
    <Page
      title={collection}
      up={{to: '/documents', label: 'Documents'}}
      description={
        about && (
          <>
            {!about.documents_exact && 'More than '}
            {plural(about.documents, 'document')}
            {about.service && ` of ${about.service}`}
          </>
        )
      }
    >
      <DocumentFilterBar
        key={collection}
        indexes={about?.indexes ?? []}
        filter={filter}
        onChange={narrow}
        onOpen={open}
      />
      <QueryView query={query} label="the documents">
        {({pages}) => {
          const rows = pages.flatMap(({items}) => items);
          if (rows.length === 0)
            return (
              <NoDocuments
                filtered={Boolean(filter.index)}
                known={Boolean(about)}
                onClear={() => void navigate({search: {}})}
              />
            );
          return (
            <>
              <Text size="xs" c="dimmed" role="status">
                {plural(rows.length, 'document')} read{hasNextPage ? '' : ': that is all'}
              </Text>
              <DataTable
                label={`Documents of ${collection}`}
                columns={columns}
                rows={rows}
                rowId={({id}) => id}
                rowsTotal={!filter.index && about?.documents_exact ? about.documents : undefined}
                onOpen={({id}) => open(id)}
                onEndReached={more}
                maxHeight="calc(100dvh - 250px)"
              />
            </>
          );
        }}
      </QueryView>
      {about?.schema && (
        <Section title="Schema">
          <JsonView label="Schema" value={about.schema} />
        </Section>
      )}
    </Page>
  );
}

const columnsOf = (collection: string): Column<StoredDocument>[] => [
  {
    header: 'Id',
    width: 'minmax(8rem, 15rem)',
    cell: ({id}) => (
      <DocumentLink collection={collection} id={id}>
        <code>{id}</code>
      </DocumentLink>
    ),
  },
  {header: 'Document', width: 'minmax(10rem, 4fr)', cell: ({document}) => <Preview document={document} />},
  {
    header: 'Version',
    width: '5rem',
    cell: ({version}) => <span className={classes.version}>{version}</span>,
    align: 'end',
    phone: false,
  },
];

const VALUE_CHARACTERS = 60;

function Preview({document}: {document: unknown}) {
  if (document === null || typeof document !== 'object') return <>{JSON.stringify(document)}</>;
  return Object.entries(document)
    .filter(([name]) => name !== 'id')
    .map(([name, value]) => (
      <span key={name} className={classes.member}>
        <span className={classes.name}>{name}</span> {shortened(value)}
      </span>
    ));
}

function shortened(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > VALUE_CHARACTERS ? `${text.slice(0, VALUE_CHARACTERS)}…` : text;
}

function NoDocuments({filtered, known, onClear}: {filtered: boolean; known: boolean; onClear: () => void}) {
  if (filtered)
    return (
      <EmptyState
        title="No document matches"
        next="Values of an index are compared as they are: whole, and with their case. A range goes from the first value up to, and without, the second."
      >
        <Button variant="default" onClick={onClear}>
          Show all documents
        </Button>
      </EmptyState>
    );
  return (
    <EmptyState
      title="No documents yet"
      next={
        known
          ? 'They appear as the service puts them.'
          : 'No service of this process declares this collection; its name may be mistyped.'
      }
    />
  );
}
