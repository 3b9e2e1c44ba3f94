import {Button} from '@mantine/core';
import {Link} from '@tanstack/react-router';

import {Page} from '../components/page';
import {EmptyState} from '../components/states';

export function NotFound() {
  return (
    <Page title="There is no such page">
      <EmptyState
        title="Nothing is here"
        next="The address may be mistyped. Ctrl K finds pages, topics, groups and journeys."
      >
        <Button variant="default" renderRoot={(props) => <Link to="/map" {...props} />}>
          Go to the map
        </Button>
      </EmptyState>
    </Page>
  );
}
