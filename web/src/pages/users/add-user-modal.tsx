import {Alert, Button, Group, Modal, Stack, TextInput} from '@mantine/core';
import {useForm} from '@mantine/form';

import {Problem} from '../../api/client';
import type {UserInput} from '../../api/types';
import {messageOf} from '../../components/error-state';
import {fieldError, refusedField} from '../../forms/schema';
import {useAddUser} from '../../queries/mutations';
import {useBodySchema} from '../../queries/schemas';

const LABELS = {name: 'Name', phone: 'Phone', job: 'Job', address: 'Address'} as const;
const NAMES = ['name', 'phone', 'job', 'address'] as const;

const trimmed = (user: UserInput) =>
  Object.fromEntries(NAMES.map((name) => [name, user[name].trim()])) as unknown as UserInput;

export function AddUserModal({onClose}: {onClose: () => void}) {
  const addUser = useAddUser();
  const schema = useBodySchema('post', '/api/accounts/add-user');
  const form = useForm<UserInput>({
    initialValues: {name: '', phone: '', job: '', address: ''},
    validate: (user) =>
      Object.fromEntries(
        NAMES.map((name) => [name, schema ? fieldError(schema, name, LABELS[name], trimmed(user)[name]) : null]),
      ),
  });
  const refused = addUser.error instanceof Problem ? refusedField(addUser.error.message, NAMES) : undefined;
  const field = (name: keyof UserInput) => {
    const {error: found, ...input} = form.getInputProps(name);
    return {...input, label: LABELS[name], error: found ?? (refused?.name === name ? refused.problem : undefined)};
  };
  const submit = form.onSubmit((user) => addUser.mutate(trimmed(user), {onSuccess: onClose}));

  return (
    <Modal opened onClose={onClose} title="Add a user">
      <form onSubmit={submit} noValidate>
        <Stack gap="sm">
          <TextInput required data-autofocus {...field('name')} />
          <Group grow align="flex-start">
            <TextInput inputMode="tel" {...field('phone')} />
            <TextInput {...field('job')} />
          </Group>
          <TextInput {...field('address')} />
          {addUser.error && !refused && (
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
