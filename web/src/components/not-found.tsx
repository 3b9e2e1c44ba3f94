import {Button, EmptyState, Paper, Title} from '@mantine/core';
import {IconMapOff} from '@tabler/icons-react';
import {Link} from '@tanstack/react-router';

export function NotFound({what = 'page', detail}: {what?: string; detail?: string}) {
  return (
    <Paper p="xl">
      <EmptyState
        icon={<IconMapOff aria-hidden />}
        withIndicatorBackground
        title={
          <Title order={1} size="h2">
            There is no such {what}
          </Title>
        }
        description={detail ?? 'The address may be mistyped, or what it showed has been deleted.'}
      >
        <EmptyState.Actions>
          <Button variant="default" renderRoot={(props) => <Link to="/products" {...props} />}>
            Go to the products
          </Button>
        </EmptyState.Actions>
      </EmptyState>
    </Paper>
  );
}
