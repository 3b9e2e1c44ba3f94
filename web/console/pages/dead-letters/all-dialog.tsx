// All letters of a group, or of one error: redriven or discarded, with how far that has come.

import {Button, Group, Modal, NumberInput, Progress as Bar, Stack, Text, TextInput} from '@mantine/core';
import {useEffect, useRef, useState} from 'react';

import type {Progress} from '../../api/types';
import {ProblemAlert} from '../../components/problem-alert';
import {exactNumber, plural} from '../../format';
import {streamEvents} from '../../live/stream';
import {lettersPath, useLettersChanged, type GroupName} from './queries';

export type AllAction = 'redrive' | 'discard';

interface AllDialogProps {
  action: AllAction;
  name: GroupName;
  error: string | undefined; // only those of this one
  count: number; // as far as is known
  onClose: () => void;
}

const RATE_AT_FIRST = 50;

export function AllDialog({action, name, error, count, onClose}: AllDialogProps) {
  const [rate, setRate] = useState<number | string>(RATE_AT_FIRST);
  const [limit, setLimit] = useState<number | string>('');
  const [reason, setReason] = useState('');
  const run = useRun(name, action);
  // As it was asked about: what is left falls while it goes on.
  const [letters] = useState(
    () => `${plural(count, 'letter')}${error === undefined ? ` of ${name.group}` : ' of this error'}`,
  );
  const title = action === 'redrive' ? `Redrive ${letters}` : `Discard ${letters}`;
  const close = () => {
    run.stop();
    onClose();
  };
  const begin = () =>
    run.start({
      error,
      rate_per_s: action === 'redrive' && typeof rate === 'number' && rate > 0 ? rate : undefined,
      limit: typeof limit === 'number' && limit > 0 ? limit : undefined,
      reason: reason.trim() || undefined,
    });

  return (
    <Modal opened onClose={close} title={title} closeOnClickOutside={!run.running}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          begin();
        }}
      >
        <Stack gap="sm">
          {error !== undefined && (
            <Text size="sm" style={{overflowWrap: 'anywhere'}}>
              {error}
            </Text>
          )}
          {run.progress ? (
            <ProgressView action={action} progress={run.progress} running={run.running} />
          ) : action === 'redrive' ? (
            <>
              <Text size="sm">
                The handler gets each of them once more, as it is, the oldest first. What fails again comes back here.
              </Text>
              <NumberInput
                label="At most"
                suffix=" a second"
                description="So that the handler keeps up with new events. Empty: as fast as it goes."
                min={1}
                max={100_000}
                value={rate}
                onChange={setRate}
              />
              <NumberInput
                label="Stop after"
                suffix=" letters"
                description="To see first how a few fare. Empty: all of them."
                min={1}
                value={limit}
                onChange={setLimit}
              />
            </>
          ) : (
            <>
              <Text size="sm">They will never be handled. This cannot be undone; the log keeps the reason.</Text>
              <TextInput
                label="Reason"
                required
                value={reason}
                onChange={(event) => setReason(event.currentTarget.value)}
                data-autofocus
              />
            </>
          )}
          <ProblemAlert title="It stopped" error={run.error} />
          <Group justify="flex-end" gap="xs">
            {run.running ? (
              <Button variant="default" onClick={run.stop}>
                Stop
              </Button>
            ) : (
              <Button variant="default" onClick={close}>
                {run.progress ? 'Close' : 'Cancel'}
              </Button>
            )}
            {!run.progress && (
              <Button
                type="submit"
                color={action === 'discard' ? 'red' : undefined}
                loading={run.running}
                disabled={action === 'discard' && !reason.trim()}
              >
                {action === 'redrive' ? 'Redrive' : 'Discard'}
              </Button>
            )}
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function ProgressView({
  action,
  progress: {done, of, failed, error},
  running,
}: {
  action: AllAction;
  progress: Progress;
  running: boolean;
}) {
  const word = action === 'redrive' ? 'redriven' : 'discarded';
  const words = `${exactNumber(done)} of ${exactNumber(of)} ${word}${failed > 0 ? `, ${exactNumber(failed)} could not be` : ''}`;
  return (
    <Stack gap={4} role="status" data-running={running}>
      <Bar value={of > 0 ? (100 * (done + failed)) / of : 100} aria-label={words} />
      <Text size="sm">
        {words}
        {running ? '…' : '.'}
      </Text>
      {error && (
        <Text size="sm" style={{overflowWrap: 'anywhere'}}>
          {error}
        </Text>
      )}
    </Stack>
  );
}

function useRun(name: GroupName, action: AllAction) {
  const [state, setState] = useState<{running: boolean; progress?: Progress; error?: unknown}>({running: false});
  const changed = useLettersChanged();
  const ending = useRef<AbortController>(undefined);
  useEffect(() => () => ending.current?.abort(), []);

  const start = async (body: Record<string, unknown>) => {
    const abort = new AbortController();
    ending.current = abort;
    setState({running: true});
    try {
      for await (const {data} of streamEvents(`${lettersPath(name)}/${action}`, {body, signal: abort.signal})) {
        const progress = progressOf(data);
        if (progress) setState({running: true, progress});
      }
      setState((now) => ({...now, running: false}));
    } catch (error) {
      setState((now) => ({...now, running: false, error: abort.signal.aborted ? undefined : error}));
    }
    await changed();
  };
  return {...state, start: (body: Record<string, unknown>) => void start(body), stop: () => ending.current?.abort()};
}

function progressOf(data: string): Progress | undefined {
  const progress = (data ? JSON.parse(data) : {}) as Partial<Progress>;
  return typeof progress.done === 'number'
    ? {of: progress.done, failed: 0, ...progress, done: progress.done}
    : undefined;
}
