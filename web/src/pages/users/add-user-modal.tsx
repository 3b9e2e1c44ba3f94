import {Alert, Button, Group, Modal, Stack, TextInput} from '@mantine/core';
import {useForm} from '@mantine/form';

import type {UserInput} from '../../api/types';
import {messageOf} from '../../components/error-state';
import {notifyDone} from '../../components/notify';
import {useAddUser} from '../../queries/mutations';

const required = (what: string) => (value: string) => (value.trim() ? null : `Enter ${what}`);

export function AddUserModal({onClose}: {onClose: () => void}) {
  const addUser = useAddUser();
  const form = useForm<UserInput>({
    initialValues: {name: '', phone: '', job: '', address: ''},
    validate: {
      name: required('a name'),
      phone: required('a phone number'),
      job: required('a job'),
      address: required('an address'),
    },
  });
  const submit = form.onSubmit((user) =>
    addUser.mutate(user, {
      onSuccess: ({name}) => {
        notifyDone(`${name} is added.`);
        onClose();
      },
    }),
  );

  return (
    <Modal opened onClose={onClose} title="Add a user">
      <form onSubmit={submit} noValidate>
        <Stack gap="sm">
          <TextInput label="Name" required data-autofocus {...form.getInputProps('name')} />
          <Group grow align="flex-start">
            <TextInput label="Phone" required inputMode="tel" {...form.getInputProps('phone')} />
            <TextInput label="Job" required {...form.getInputProps('job')} />
          </Group>
          <TextInput label="Address" required {...form.getInputProps('address')} />
          {addUser.error && (
            <Alert color="red" role="alert" title="The user was not added">
              {messageOf(addUser.error)}
            </Alert>
          )}
          <Group justify="flex-end" gap="xs" mt="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={addUser.isPending}>
              Add user
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
