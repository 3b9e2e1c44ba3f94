import {infiniteQueryOptions, queryOptions} from '@tanstack/react-query';

import {at, get} from '../../api/client';
import type {Collection, DocumentDetails, Page, StoredDocument} from '../../api/types';

const PAGE_DOCUMENTS = 100;
const COLLECTIONS_EVERY_MS = 5_000;
const DOCUMENT_EVERY_MS = 3_000;

export const collectionsQuery = queryOptions({
  queryKey: ['collections'],
  queryFn: ({signal}) => get<Page<Collection>>('/collections', undefined, signal),
  refetchInterval: COLLECTIONS_EVERY_MS,
});

export interface DocumentFilter {
  index?: string;
  equal?: string;
  from?: string;
  below?: string;
  order?: string;
}

// What the API is asked: a value without an index means nothing, and is left out.
export function documentFilterOf({index, equal, from, below, order}: DocumentFilter): DocumentFilter {
  const descending = order === 'descending' ? order : undefined;
  if (!index) return {order: descending};
  return equal
    ? {index, equal, order: descending}
    : {index, from: from || undefined, below: below || undefined, order: descending};
}

export const documentsQuery = (collection: string, filter: DocumentFilter) =>
  infiniteQueryOptions({
    queryKey: ['documents', collection, documentFilterOf(filter)],
    queryFn: ({pageParam, signal}) =>
      get<Page<StoredDocument>>(
        at('collections', collection, 'documents'),
        {...documentFilterOf(filter), limit: PAGE_DOCUMENTS, after: pageParam},
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({next}) => next ?? undefined,
    staleTime: 10_000,
  });

export const documentQuery = (collection: string, id: string) =>
  queryOptions({
    queryKey: ['document', collection, id],
    queryFn: ({signal}) => get<DocumentDetails>(at('collections', collection, 'documents', id), undefined, signal),
    refetchInterval: DOCUMENT_EVERY_MS,
  });
