import {Button, EmptyState, Group, Paper, Stack, Text} from '@mantine/core';
import {IconUserPlus, IconUsers, IconWand} from '@tabler/icons-react';
import {useState} from 'react';

import type {User} from '../../api/types';
import {useFocusReturn} from '../../components/focus-return';
import type {Column} from '../../components/data-table';
import {LiveListView} from '../../components/live-list-view';
import {notifyFailed} from '../../components/notify';
import {PageHeader} from '../../components/page-header';
import {USERS} from '../../live/lists';
import {useLiveList} from '../../queries/lists';
import {useAddUser} from '../../queries/mutations';
import {AddUserModal} from './add-user-modal';
import {UserCard, UserRole} from './user-documents';

const COLUMNS: Column<User>[] = [
  {
    header: 'Name',
    cell: ({name, job}) => (
      <Stack gap={0}>
        <Text inherit fw={500}>
          {name}
        </Text>
        <Text size="xs" c="dimmed" fw={400}>
          {job}
        </Text>
      </Stack>
    ),
  },
  {
    header: 'Contact',
    cell: ({phone, address}) => (
      <Stack gap={0}>
        <span>{phone}</span>
        <Text size="xs" c="dimmed">
          {address}
        </Text>
      </Stack>
    ),
  },
  {header: 'Card', width: 230, cell: ({id}) => <UserCard userId={id} />},
  {header: 'Role', width: 190, cell: ({id}) => <UserRole userId={id} />},
];

export function UsersPage() {
  const {query, items} = useLiveList(USERS);
  const [adding, setAdding] = useState(false);
  const focus = useFocusReturn();
  const addUser = useAddUser();

  const open = () => {
    focus.keep();
    setAdding(true);
  };
  const close = () => {
    setAdding(false);
    focus.giveBack();
  };
  const makeUp = () => addUser.mutate(undefined, {onError: (error) => notifyFailed('Nobody was added', error)});
  const buttons = (
    <Group gap="xs">
      <Button variant="default" leftSection={<IconUserPlus size={16} aria-hidden />} onClick={open}>
        Add user
      </Button>
      <Button leftSection={<IconWand size={16} aria-hidden />} onClick={makeUp} loading={addUser.isPending}>
        Make one up
      </Button>
    </Group>
  );

  return (
    <>
      <PageHeader
        title="Users"
        description="Each one gets a card and a role, from two services that work at the same time."
        actions={buttons}
      />
      <LiveListView
        label="Users"
        columns={COLUMNS}
        query={query}
        rows={items}
        rowHeight={54}
        empty={<NoUsers />}
      />
      {adding && <AddUserModal onClose={close} />}
    </>
  );
}

function NoUsers() {
  return (
    <Paper p="xl">
      <EmptyState
        icon={<IconUsers aria-hidden />}
        withIndicatorBackground
        title="No users yet"
        description="Add yourself, or let the shop make somebody up, and watch the card and the role arrive."
      />
    </Paper>
  );
}
