// The card and the role that the other services make for a user: they arrive a moment later.

import {Badge, Group, Loader, Stack, Text} from '@mantine/core';

import {Problem} from '../../api/client';
import {LiveValue} from '../../components/live-value';
import {Moment} from '../../components/moment';
import {CARDS, ROLES} from '../../live/lists';
import {useCard, useListed, useRole} from '../../queries/lists';

export function UserCard({userId}: {userId: string}) {
  const {found, missing} = useListed(CARDS, userId);
  const asked = useCard(userId, missing);
  const card = found ?? asked.data;
  if (!card) return <NotYet what="card" error={asked.error} />;
  return (
    <Stack gap={0} data-document="card">
      <Text inherit ff="monospace" size="sm">
        <LiveValue value={card.number} />
      </Text>
      <Text size="xs" c="dimmed">
        <Moment at={card.issued_at} />
      </Text>
    </Stack>
  );
}

export function UserRole({userId}: {userId: string}) {
  const {found, missing} = useListed(ROLES, userId);
  const asked = useRole(userId, missing);
  const role = found ?? asked.data;
  if (!role) return <NotYet what="role" error={asked.error} />;
  return (
    <LiveValue value={role.role}>
      <Badge color="gray" data-document="role" title={`Assigned ${role.assigned_at}`}>
        {role.role}
      </Badge>
    </LiveValue>
  );
}

function NotYet({what, error}: {what: string; error: unknown}) {
  const failed = error instanceof Problem && error.status !== 404;
  if (failed)
    return (
      <Text size="sm" c="red" title={error.message}>
        could not be loaded
      </Text>
    );
  return (
    <Group gap={6} wrap="nowrap">
      <Loader size={12} color="gray" aria-hidden />
      <Text size="sm" c="dimmed">
        {what} on its way…
      </Text>
    </Group>
  );
}
