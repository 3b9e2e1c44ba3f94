import {Alert} from '@mantine/core';
import {IconAlertTriangle} from '@tabler/icons-react';

import {messageOf} from '../../src/components/error-state';

// What went wrong with something that one has just done.
export function ProblemAlert({title, error}: {title: string; error: unknown}) {
  if (!error) return null;
  return (
    <Alert color="red" role="alert" icon={<IconAlertTriangle aria-hidden />} title={title}>
      {messageOf(error)}
    </Alert>
  );
}
