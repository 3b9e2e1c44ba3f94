// One letter: what failed, its event, and what can be done about it: try, edit, redrive, discard.

import {Button, Group, Stack, Text, TextInput} from '@mantine/core';
import {useQuery} from '@tanstack/react-query';
import {useMemo, useRef, useState} from 'react';

import {notifyDone} from '../../../src/components/notify';
import {Problem} from '../../api/client';
import type {DeadLetter} from '../../api/types';
import {ConfirmDialog} from '../../components/confirm-dialog';
import {Details} from '../../components/details-split';
import {EventFields} from '../../components/event-fields';
import {IdText} from '../../components/id-text';
import {JsonView} from '../../components/json-view';
import {KeyValue} from '../../components/key-value';
import {ProblemAlert} from '../../components/problem-alert';
import {EmptyState, QueryView} from '../../components/states';
import {EntryLink, JourneyLink} from '../../components/text-link';
import {Moment, Num} from '../../components/values';
import type {Errors} from '../../schema/draft';
import {draftOfFields, fieldsOfDraft, formMembers, type Fields} from '../../schema/event-fields';
import {focusInvalid, MemberFields} from '../../schema/schema-form';
import {shapeOf} from '../../schema/shape';
import {topicQuery} from '../topics/queries';
import {letterQuery, useDiscard, useRedrive, useTry, type GroupName} from './queries';
import {TrialView} from './trial-view';

interface LetterViewProps {
  name: GroupName;
  id: string;
  onClose: () => void;
}

export function LetterView({name, id, onClose}: LetterViewProps) {
  const query = useQuery(letterQuery(name, id));
  return (
    <Details kind="Dead letter" title={query.data?.type ?? 'Event'} onClose={onClose}>
      {query.error instanceof Problem && query.error.status === 404 ? (
        <EmptyState title="The letter is gone" next="It was redriven or discarded." />
      ) : (
        <QueryView query={query} label="the letter">
          {(letter) => <Letter name={name} letter={letter} onGone={onClose} />}
        </QueryView>
      )}
    </Details>
  );
}

function Letter({name, letter, onGone}: {name: GroupName; letter: DeadLetter; onGone: () => void}) {
  const edit = useEdit(name, letter.fields);
  const trial = useTry(name, letter.id);
  const redrive = useRedrive(name, letter.id);
  const [asking, setAsking] = useState<'redrive' | 'discard'>();
  const attempt = () => {
    redrive.reset();
    const read = edit.read();
    if (read) trial.mutate(read.fields);
  };
  const again = () => {
    const read = edit.read();
    if (!read) return setAsking(undefined);
    redrive.mutate(read.fields, {
      onSuccess: () => {
        notifyDone('The event is handed to its handler once more.');
        onGone();
      },
    });
  };
  return (
    <Stack gap="sm">
      <JsonView label="Error" value={letter.error} />
      <Facts topic={name.topic} letter={letter} />
      {edit.editing ? edit.form : <EventFields fields={letter.fields} />}
      <Group gap="xs">
        <Button size="xs" variant="default" onClick={attempt} loading={trial.isPending}>
          Try
        </Button>
        {edit.editing ? (
          <Button size="xs" variant="default" onClick={edit.cancel}>
            Leave it as it was
          </Button>
        ) : (
          <Button size="xs" variant="default" onClick={edit.begin}>
            Edit
          </Button>
        )}
        <Button size="xs" onClick={() => edit.read() && setAsking('redrive')}>
          {edit.editing ? 'Redrive edited…' : 'Redrive…'}
        </Button>
        <Button size="xs" variant="default" c="red" onClick={() => setAsking('discard')}>
          Discard…
        </Button>
      </Group>
      <ProblemAlert title="It could not be tried" error={trial.error} />
      {trial.data && <TrialView trial={trial.data} />}
      {asking === 'redrive' && (
        <ConfirmDialog
          title="Redrive this event"
          confirm="Redrive"
          pending={redrive.isPending}
          error={redrive.error}
          onConfirm={again}
          onClose={() => setAsking(undefined)}
        >
          <Text size="sm">
            {name.group} gets it once more, {edit.editing ? 'as you have edited it' : 'as it is'}, and the letter is
            gone. If it fails again, it comes back as a new letter.{' '}
            {!trial.data && '“Try” shows first what the handler would do.'}
          </Text>
        </ConfirmDialog>
      )}
      {asking === 'discard' && (
        <DiscardDialog name={name} letter={letter} onClose={() => setAsking(undefined)} onGone={onGone} />
      )}
    </Stack>
  );
}

function Facts({topic, letter}: {topic: string; letter: DeadLetter}) {
  const {id, event_id, attempts, time, key, trace_id} = letter;
  return (
    <KeyValue
      rows={[
        [
          'Given up',
          <span key="t">
            <Moment at={time} /> after <Num value={attempts} /> {attempts === 1 ? 'attempt' : 'attempts'}
          </span>,
        ],
        ['Event', <EntryLink key="e" topic={topic} id={event_id} />],
        ['Key', key ? <IdText id={key} label="key" /> : undefined],
        [
          'Journey',
          trace_id ? (
            <JourneyLink id={trace_id}>What led here</JourneyLink>
          ) : key ? (
            <JourneyLink id={key}>By its key</JourneyLink>
          ) : undefined,
        ],
        ['Letter', <IdText key="i" id={id} />],
      ]}
    />
  );
}

// The letter's fields in a form of the topic's schema, or as plain text where there is none.
function useEdit(name: GroupName, fields: Fields) {
  const schema = useQuery({...topicQuery(name.topic), refetchInterval: false}).data?.schema;
  const members = useMemo(() => formMembers(shapeOf(schema), fields), [schema, fields]);
  const [draft, setDraft] = useState<ReturnType<typeof draftOfFields>>();
  const [errors, setErrors] = useState<Errors>({});
  const frame = useRef<HTMLDivElement>(null);
  return {
    editing: draft !== undefined,
    begin: () => setDraft(draftOfFields(members, fields)),
    cancel: () => {
      setDraft(undefined);
      setErrors({});
    },
    // What to send: no fields where nothing is edited. Undefined where the form is wrong: then it says so.
    read: (): {fields: Fields | undefined} | undefined => {
      if (!draft) return {fields: undefined};
      const reading = fieldsOfDraft(members, fields, draft);
      setErrors(reading.errors);
      if (Object.keys(reading.errors).length === 0) return {fields: reading.fields};
      focusInvalid(frame.current);
      return undefined;
    },
    form: draft && (
      <div ref={frame}>
        <MemberFields
          members={members}
          draft={draft}
          onChange={(next) => setDraft(next as typeof draft)}
          errors={errors}
          path=""
        />
      </div>
    ),
  };
}

interface DiscardDialogProps {
  name: GroupName;
  letter: DeadLetter;
  onClose: () => void;
  onGone: () => void;
}

function DiscardDialog({name, letter, onClose, onGone}: DiscardDialogProps) {
  const [reason, setReason] = useState('');
  const discard = useDiscard(name, letter.id);
  const done = () => {
    notifyDone('The letter is discarded.');
    onGone();
  };
  return (
    <ConfirmDialog
      title="Discard this letter"
      confirm="Discard"
      danger
      disabled={!reason.trim()}
      pending={discard.isPending}
      error={discard.error}
      onConfirm={() => discard.mutate(reason.trim(), {onSuccess: done})}
      onClose={onClose}
    >
      <Text size="sm">{name.group} will never handle this event. It cannot be undone; the log keeps the reason.</Text>
      <TextInput
        label="Reason"
        required
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        data-autofocus
      />
    </ConfirmDialog>
  );
}
