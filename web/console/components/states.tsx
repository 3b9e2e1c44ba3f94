// What a page says instead of its content: loading, nothing there, failed.

import {Button, EmptyState as Frame, Paper, Skeleton, Stack, Text, VisuallyHidden} from '@mantine/core';
import {IconCloudOff, IconRefresh, IconWaveSine} from '@tabler/icons-react';
import type {UseQueryResult} from '@tanstack/react-query';
import type {ReactNode} from 'react';

import {messageOf} from '../../src/components/error-state';

interface EmptyStateProps {
  title: string;
  next: ReactNode; // what to do, in a sentence or two
  children?: ReactNode; // buttons
}

export function EmptyState({title, next, children}: EmptyStateProps) {
  return (
    <Paper p="xl">
      <Frame icon={<IconWaveSine aria-hidden />} withIndicatorBackground title={title} description={next}>
        {children && <Frame.Actions>{children}</Frame.Actions>}
      </Frame>
    </Paper>
  );
}

interface ErrorStateProps {
  title: string;
  error: unknown;
  onRetry?: () => void;
  retrying?: boolean;
}

export function ErrorState({title, error, onRetry, retrying}: ErrorStateProps) {
  return (
    <Paper p="xl" role="alert">
      <Frame
        icon={<IconCloudOff aria-hidden />}
        color="red"
        variant="light"
        title={title}
        description={messageOf(error)}
      >
        {onRetry && (
          <Frame.Actions>
            <Button
              variant="default"
              leftSection={<IconRefresh size={16} aria-hidden />}
              onClick={onRetry}
              loading={retrying}
            >
              Try again
            </Button>
          </Frame.Actions>
        )}
      </Frame>
    </Paper>
  );
}

export function Loading({label, rows = 6}: {label: string; rows?: number}) {
  return (
    <Stack gap="xs" aria-busy="true">
      <VisuallyHidden role="status">Loading {label}…</VisuallyHidden>
      {Array.from({length: rows}, (_, row) => (
        <Skeleton key={row} height={18} width={`${96 - ((row * 23) % 40)}%`} />
      ))}
    </Stack>
  );
}

interface QueryViewProps<T> {
  query: Pick<UseQueryResult<T>, 'data' | 'error' | 'isFetching' | 'refetch'>;
  label: string; // "the groups"
  children: (data: T) => ReactNode;
}

// Loading, failed, or the content; content that could not be brought up to date stays, with a word about it.
export function QueryView<T>({query, label, children}: QueryViewProps<T>) {
  const {data, error, isFetching, refetch} = query;
  if (data === undefined && error)
    return (
      <ErrorState
        title={`Could not load ${label}`}
        error={error}
        onRetry={() => void refetch()}
        retrying={isFetching}
      />
    );
  if (data === undefined) return <Loading label={label} />;
  return (
    <>
      {error && (
        <Text size="sm" role="alert">
          Out of date: {messageOf(error)}
        </Text>
      )}
      {children(data)}
    </>
  );
}
