import {NavLink} from '@mantine/core';
import {IconSitemap} from '@tabler/icons-react';
import {useQuery} from '@tanstack/react-query';

const PATH = '/console';

// The way to the console, where this server has one.
export function ConsoleLink() {
  const {data: isThere} = useQuery({
    queryKey: ['console'],
    queryFn: async ({signal}) => (await fetch(PATH, {method: 'HEAD', signal})).ok,
    retry: false,
  });
  if (!isThere) return null;
  return (
    <NavLink href={PATH} label="Console" leftSection={<IconSitemap size={18} stroke={1.7} aria-hidden />} c="dimmed" />
  );
}
