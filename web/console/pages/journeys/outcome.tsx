import {Text} from '@mantine/core';

import type {Health, StepOutcome} from '../../api/types';
import {StatusDot} from '../../components/health';

type Maybe<T> = T | null | undefined;

const SHOWN: Record<StepOutcome, {health: Health; word: string}> = {
  ok: {health: 'ok', word: 'ok'},
  published: {health: 'ok', word: 'published'},
  cancelled: {health: 'ok', word: 'cancelled'},
  rejected: {health: 'waiting', word: 'rejected'},
  conflict: {health: 'waiting', word: 'conflict, run again'},
  retrying: {health: 'waiting', word: 'retrying'},
  waiting: {health: 'waiting', word: 'waiting'},
  failed: {health: 'failing', word: 'failed'},
  dead_letter: {health: 'failing', word: 'dead letter'},
};

export function healthOf(outcome: Maybe<StepOutcome>): Health {
  return outcome ? (SHOWN[outcome]?.health ?? 'ok') : 'ok';
}

export function OutcomeText({outcome}: {outcome: Maybe<StepOutcome>}) {
  if (!outcome) return <>–</>;
  return (
    <span style={{display: 'inline-flex', alignItems: 'center', gap: 6}} data-outcome={outcome}>
      <StatusDot health={healthOf(outcome)} silent />
      <Text span size="sm">
        {SHOWN[outcome]?.word ?? outcome}
      </Text>
    </span>
  );
}
