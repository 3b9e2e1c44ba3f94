import {Button, EmptyState, Paper} from '@mantine/core';
import {IconCloudOff, IconRefresh} from '@tabler/icons-react';

interface ErrorStateProps {
  title: string;
  error: unknown;
  onRetry: () => void;
  retrying?: boolean;
}

export function ErrorState({title, error, onRetry, retrying}: ErrorStateProps) {
  return (
    <Paper p="xl" role="alert">
      <EmptyState
        icon={<IconCloudOff aria-hidden />}
        color="red"
        variant="light"
        title={title}
        description={messageOf(error)}
      >
        <EmptyState.Actions>
          <Button variant="default" leftSection={<IconRefresh size={16} aria-hidden />} onClick={onRetry} loading={retrying}>
            Try again
          </Button>
        </EmptyState.Actions>
      </EmptyState>
    </Paper>
  );
}

export function messageOf(error: unknown): string {
  return error instanceof Error && error.message ? error.message : 'Something unexpected went wrong.';
}
