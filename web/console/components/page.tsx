// The frame of every page: its title, what it is about, what one can do, and its content.

import {Anchor, Group, Stack, Text, Title} from '@mantine/core';
import {useDocumentTitle} from '@mantine/hooks';
import {Link} from '@tanstack/react-router';
import type {ReactNode} from 'react';

interface PageProps {
  title: string;
  up?: {to: string; label: string}; // the page that this one belongs to
  description?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

export function Page({title, up, description, actions, children}: PageProps) {
  useDocumentTitle(`${title} · Tidemark console`);
  return (
    <Stack gap="md">
      <Group justify="space-between" align="flex-end" gap="sm">
        <Stack gap={2} style={{minWidth: 0}}>
          {up && (
            <Anchor size="xs" c="dimmed" renderRoot={(props) => <Link to={up.to} {...props} />}>
              {up.label}
            </Anchor>
          )}
          <Title order={1} style={{overflowWrap: 'anywhere'}}>
            {title}
          </Title>
          {description && (
            <Text c="dimmed" size="sm" component="div">
              {description}
            </Text>
          )}
        </Stack>
        {actions && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  );
}

// A part of a page below a heading of its own.
export function Section({title, actions, children}: {title: string; actions?: ReactNode; children: ReactNode}) {
  return (
    <Stack gap="xs" component="section" aria-label={title}>
      <Group justify="space-between" gap="sm">
        <Title order={2}>{title}</Title>
        {actions}
      </Group>
      {children}
    </Stack>
  );
}
