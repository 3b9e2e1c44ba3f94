import {Text, TextInput} from '@mantine/core';
import {useState} from 'react';

import {notifyDone} from '../../../src/components/notify';
import {ConfirmDialog} from '../../components/confirm-dialog';
import {usePause, type GroupName} from './queries';

export function PauseDialog({group, onClose}: {group: GroupName; onClose: () => void}) {
  const [reason, setReason] = useState('');
  const pause = usePause(group);
  const done = () => {
    notifyDone(`${group.group} is paused.`);
    onClose();
  };
  return (
    <ConfirmDialog
      title={`Pause ${group.group}`}
      confirm="Pause"
      pending={pause.isPending}
      error={pause.error}
      onConfirm={() => pause.mutate(reason.trim(), {onSuccess: done})}
      onClose={onClose}
    >
      <Text size="sm">
        It begins nothing more, in all processes and after restarts, until it is resumed. What runs ends. Events of{' '}
        {group.topic} wait; none is lost.
      </Text>
      <TextInput
        label="Reason"
        description="For whoever wonders why it stands still."
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        data-autofocus
      />
    </ConfirmDialog>
  );
}
