import {Text} from '@mantine/core';

import type {Health} from '../../api/types';
import {StatusDot} from '../../components/health';

const BAD = new Set(['error', 'failed', 'failing', 'dead', 'dead_letter', 'timeout', 'crash', 'crashed', 'discarded']);
const OPEN = new Set(['pending', 'running', 'retry', 'retrying', 'waiting', 'conflict', 'parked', 'unknown']);

// How an outcome is meant: failed, still open, or done.
export function healthOf(outcome: string | null | undefined): Health {
  if (outcome && BAD.has(outcome)) return 'failing';
  return outcome && OPEN.has(outcome) ? 'waiting' : 'ok';
}

export function OutcomeText({outcome}: {outcome: string | null | undefined}) {
  if (!outcome) return <>–</>;
  return (
    <span style={{display: 'inline-flex', alignItems: 'center', gap: 6}} data-outcome={outcome}>
      <StatusDot health={healthOf(outcome)} silent />
      <Text span size="sm">
        {outcome.replaceAll('_', ' ')}
      </Text>
    </span>
  );
}
