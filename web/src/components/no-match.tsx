import {Button, EmptyState, Paper} from '@mantine/core';
import {IconSearch} from '@tabler/icons-react';

interface NoMatchProps {
  title: string;
  description: string;
  onClear: () => void;
}

export function NoMatch({title, description, onClear}: NoMatchProps) {
  return (
    <Paper p="xl">
      <EmptyState icon={<IconSearch aria-hidden />} withIndicatorBackground title={title} description={description}>
        <EmptyState.Actions>
          <Button variant="default" onClick={onClear}>
            Show all
          </Button>
        </EmptyState.Actions>
      </EmptyState>
    </Paper>
  );
}
