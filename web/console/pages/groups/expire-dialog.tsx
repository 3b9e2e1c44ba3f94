import {Text} from '@mantine/core';

import {notifyDone} from '../../../src/components/notify';
import type {GroupDetails} from '../../api/types';
import {ConfirmDialog} from '../../components/confirm-dialog';
import {plural} from '../../format';
import {useExpire} from './queries';

interface ExpireDialogProps {
  group: GroupDetails;
  onClose: () => void;
  onExpired: () => void;
}

export function ExpireDialog({group, onClose, onExpired}: ExpireDialogProps) {
  const expire = useExpire(group);
  const done = () => {
    notifyDone(`${group.group} is expired.`);
    onExpired();
  };
  return (
    <ConfirmDialog
      title={`Expire ${group.group}`}
      confirm="Expire the group"
      danger
      pending={expire.isPending}
      error={expire.error}
      onConfirm={() => expire.mutate(undefined, {onSuccess: done})}
      onClose={onClose}
    >
      <Text size="sm">
        The group and its cursor are removed: {plural(group.lag, 'waiting event')} and{' '}
        {plural(group.pending, 'pending entry', 'pending entries')} will not be handled by it, and no longer hold back
        what {group.topic} may let go. A handler that reads as {group.group} again later begins anew.
      </Text>
      <Text size="sm">This is for groups that nobody reads with any more; it is refused while a handler does.</Text>
    </ConfirmDialog>
  );
}
