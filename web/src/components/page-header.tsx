import {Group, Stack, Text, Title} from '@mantine/core';
import {useDocumentTitle} from '@mantine/hooks';
import type {ReactNode} from 'react';

interface PageHeaderProps {
  title: string;
  description?: ReactNode;
  actions?: ReactNode;
}

export function PageHeader({title, description, actions}: PageHeaderProps) {
  useDocumentTitle(`${title} · Tidemark shop`);
  return (
    <Group justify="space-between" align="flex-end" mb="md" gap="sm">
      <Stack gap={2}>
        <Title order={1}>{title}</Title>
        {description && (
          <Text c="dimmed" size="sm">
            {description}
          </Text>
        )}
      </Stack>
      {actions && <Group gap="xs">{actions}</Group>}
    </Group>
  );
}
