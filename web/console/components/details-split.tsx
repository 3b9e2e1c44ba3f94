import {CloseButton, Drawer, Group, Stack, Text, Title} from '@mantine/core';
import {useMediaQuery, useWindowEvent} from '@mantine/hooks';
import type {ReactNode} from 'react';

import classes from './details-split.module.css';

interface DetailsSplitProps {
  label: string; // of the details: "The event"
  details: ReactNode; // of what is selected; nothing when nothing is
  onClose: () => void; // Escape, too
  children: ReactNode;
}

// A list with the details of what is selected in it: beside it where there is room, else above it from below.
export function DetailsSplit({label, details, onClose, children}: DetailsSplitProps) {
  const roomy = useMediaQuery('(min-width: 75em)', undefined, {getInitialValueInEffect: false}) ?? true;
  // Before others take it: what is open above the details (a dialog, a list of choices) closes alone.
  useWindowEvent(
    'keydown',
    ({key, target}) => {
      const inField = target instanceof Element && target.closest('input, textarea, [role="dialog"]');
      if (details && roomy && key === 'Escape' && !inField && !document.querySelector('[role="dialog"]')) onClose();
    },
    {capture: true},
  );
  return (
    <div className={classes.split} data-open={(details && roomy) || undefined}>
      <Stack gap="xs" style={{minWidth: 0}}>
        {children}
      </Stack>
      {roomy && details && (
        <aside className={classes.panel} aria-label={label} tabIndex={0}>
          {details}
        </aside>
      )}
      {!roomy && (
        <Drawer.Root opened={Boolean(details)} onClose={onClose} position="bottom" size="80%">
          <Drawer.Overlay />
          <Drawer.Content aria-label={label}>
            <Drawer.Body pt="md">{details}</Drawer.Body>
          </Drawer.Content>
        </Drawer.Root>
      )}
    </div>
  );
}

interface DetailsProps {
  kind: string; // "Event"
  title: ReactNode;
  onClose: () => void;
  children: ReactNode;
}

export function Details({kind, title, onClose, children}: DetailsProps) {
  return (
    <Stack gap="sm">
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div style={{minWidth: 0}}>
          <Text size="xs" c="dimmed">
            {kind}
          </Text>
          <Title order={2} style={{overflowWrap: 'anywhere'}}>
            {title}
          </Title>
        </div>
        <CloseButton aria-label="Close the details" onClick={onClose} />
      </Group>
      {children}
    </Stack>
  );
}
