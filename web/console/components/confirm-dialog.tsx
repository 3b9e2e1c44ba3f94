import {Button, Group, Modal, Stack} from '@mantine/core';
import type {ReactNode} from 'react';

import {ProblemAlert} from './problem-alert';

interface ConfirmDialogProps {
  title: string;
  confirm: string; // what the button says that does it: "Move the cursor"
  danger?: boolean; // it loses something
  disabled?: boolean;
  pending?: boolean;
  error?: unknown;
  onConfirm: () => void;
  onClose: () => void;
  children: ReactNode; // what will happen, and what is asked for it
}

// Asks before something is done, and stays until it is.
export function ConfirmDialog(props: ConfirmDialogProps) {
  const {title, confirm, danger, disabled, pending, error, onConfirm, onClose, children} = props;
  return (
    <Modal opened onClose={onClose} title={title}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onConfirm();
        }}
      >
        <Stack gap="sm">
          {children}
          <ProblemAlert title="That did not work" error={error} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" color={danger ? 'red' : undefined} disabled={disabled} loading={pending}>
              {confirm}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
