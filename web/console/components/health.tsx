// How something is: by shape and word as well as by colour.

import {Group, Text, VisuallyHidden} from '@mantine/core';
import type {ReactNode} from 'react';

import {HEALTH_COLORS} from '../../src/theme';
import type {Health} from '../api/types';

export const HEALTH_WORDS: Record<Health, string> = {ok: 'Healthy', waiting: 'Waiting', failing: 'Failing'};

const SHAPES: Record<Health, ReactNode> = {
  ok: <circle cx="5" cy="5" r="4" />,
  waiting: <path d="M5 0.5 L9.5 5 L5 9.5 L0.5 5 Z" />,
  failing: <rect x="0.75" y="0.75" width="8.5" height="8.5" rx="1" />,
};

export function StatusDot({health, silent}: {health: Health; silent?: boolean}) {
  return (
    <span data-health={health} style={{display: 'inline-flex', flex: 'none'}}>
      <svg
        width="10"
        height="10"
        viewBox="0 0 10 10"
        aria-hidden
        fill={`var(--mantine-color-${HEALTH_COLORS[health]}-filled)`}
      >
        {SHAPES[health]}
      </svg>
      {!silent && <VisuallyHidden>{HEALTH_WORDS[health]}</VisuallyHidden>}
    </span>
  );
}

// The dot with its word, and why where it is not healthy.
export function HealthLine({health, why}: {health: Health; why?: string}) {
  return (
    <Group gap={8} wrap="nowrap" align="center">
      <StatusDot health={health} silent />
      <Text size="sm" span>
        {HEALTH_WORDS[health]}
        {why && health !== 'ok' ? `: ${why}` : ''}
      </Text>
    </Group>
  );
}

const ORDER: Health[] = ['ok', 'waiting', 'failing'];

export function worst(healths: Iterable<Health>): Health {
  let found = 0;
  for (const health of healths) found = Math.max(found, ORDER.indexOf(health));
  return ORDER[found] ?? 'ok';
}
