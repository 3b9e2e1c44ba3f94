import {Alert, Button, SegmentedControl, Skeleton, Text, TextInput} from '@mantine/core';
import {useDebouncedValue} from '@mantine/hooks';
import {useQuery} from '@tanstack/react-query';
import {useState} from 'react';

import {notifyDone} from '../../../src/components/notify';
import type {GroupDetails, Seek} from '../../api/types';
import {ConfirmDialog} from '../../components/confirm-dialog';
import {ProblemAlert} from '../../components/problem-alert';
import {exactNumber} from '../../format';
import {timeOf, TIME_HINT} from '../topics/entry-filter';
import {BEFORE_ALL, seekQuery, useSeek} from './queries';

type Where = 'start' | 'end' | 'time' | 'id';

const TYPING_MS = 300;

interface SeekDialogProps {
  group: GroupDetails;
  onClose: () => void;
  onPause: () => void;
}

// Says first how many events the move would repeat or skip.
export function SeekDialog({group, onClose, onPause}: SeekDialogProps) {
  const [where, setWhere] = useState<Where>('time');
  const [time, setTime] = useState('15m');
  const [id, setId] = useState('');
  const [openedAt] = useState(() => Date.now());
  const wanted = where === 'time' ? timeOf(time, openedAt) : where === 'id' ? id.trim() : where;
  const [to = ''] = useDebouncedValue(wanted, TYPING_MS);
  const settled = to !== '' && to === wanted;
  const preview = useQuery({...seekQuery(group, to), enabled: settled});
  const seek = useSeek(group);
  const done = (moved: Seek) => {
    notifyDone(`The cursor is at ${placeOf(moved.to)}: ${effectOf(moved)}`);
    onClose();
  };

  return (
    <ConfirmDialog
      title={`Move the cursor of ${group.group}`}
      confirm="Move the cursor"
      danger={preview.data?.direction === 'forward'}
      disabled={!settled || !preview.data || preview.data.events === 0 || !group.paused}
      pending={seek.isPending}
      error={seek.error}
      onConfirm={() => seek.mutate(to, {onSuccess: done})}
      onClose={onClose}
    >
      {!group.paused && (
        <Alert color="orange" title="It must be paused first">
          A cursor moves while nothing is handled.{' '}
          <Button size="compact-xs" variant="default" onClick={onPause}>
            Pause…
          </Button>
        </Alert>
      )}
      <SegmentedControl
        aria-label="Where to"
        size="xs"
        data={[
          {value: 'time', label: 'A time'},
          {value: 'id', label: 'An entry'},
          {value: 'start', label: 'The start'},
          {value: 'end', label: 'The end'},
        ]}
        value={where}
        onChange={(next) => setWhere(next as Where)}
      />
      {where === 'time' && (
        <TextInput
          label="Time"
          description={TIME_HINT}
          value={time}
          error={time !== '' && wanted === undefined ? 'This is no time.' : undefined}
          onChange={(event) => setTime(event.currentTarget.value)}
        />
      )}
      {where === 'id' && (
        <TextInput
          label="Entry"
          description="The last one that counts as read: the group goes on after it."
          value={id}
          onChange={(event) => setId(event.currentTarget.value)}
        />
      )}
      <div role="status">
        {preview.error ? (
          <ProblemAlert title="It cannot be moved there" error={preview.error} />
        ) : preview.data && settled ? (
          <Text size="sm" data-seek={preview.data.direction}>
            From {placeOf(preview.data.from)} to {placeOf(preview.data.to)}: <strong>{effectOf(preview.data)}</strong>
          </Text>
        ) : (
          settled && <Skeleton height={18} />
        )}
      </div>
    </ConfirmDialog>
  );
}

// Of a cursor: behind this entry.
const placeOf = (id: string): string => (id === BEFORE_ALL ? 'the start' : id);

function effectOf({events, exact, direction}: Seek): string {
  const count = `${exact ? '' : 'More than '}${exactNumber(events)} ${events === 1 ? 'event' : 'events'}`;
  if (events === 0 || direction === 'none') return 'nothing changes.';
  return direction === 'back'
    ? `${count} will be handled again.`
    : `${count} will be skipped, and never handled by this group.`;
}
