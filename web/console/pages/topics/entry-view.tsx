// One entry in full: its event, where it came from, and what each group did with it.

import {Button, Group, Stack, Text} from '@mantine/core';
import {useQuery} from '@tanstack/react-query';
import {Link} from '@tanstack/react-router';

import {Problem} from '../../api/client';
import type {EntryDetails, Health, TopicDetails} from '../../api/types';
import {Details} from '../../components/details-split';
import {EventFields} from '../../components/event-fields';
import {StatusDot} from '../../components/health';
import {IdText} from '../../components/id-text';
import {KeyValue} from '../../components/key-value';
import {EmptyState, QueryView} from '../../components/states';
import {GroupLink, JourneyLink, LettersLink} from '../../components/text-link';
import {Bytes, Moment} from '../../components/values';
import {entryQuery} from './queries';

interface EntryViewProps {
  topic: TopicDetails;
  id: string;
  onClose: () => void;
}

export function EntryView({topic, id, onClose}: EntryViewProps) {
  const query = useQuery(entryQuery(topic.name, id));
  return (
    <Details kind="Event" title={query.data?.type ?? topic.event ?? 'Event'} onClose={onClose}>
      {query.error instanceof Problem && query.error.status === 404 ? (
        <EmptyState title="The event is not there" next="It may be older than what the topic keeps, or its id mistyped." />
      ) : (
        <QueryView query={query} label="the event">
          {(entry) => <Entry topic={topic} entry={entry} />}
        </QueryView>
      )}
    </Details>
  );
}

function Entry({topic, entry}: {topic: TopicDetails; entry: EntryDetails}) {
  const {id, time, key, source, ce_id, trace_id, bytes, fields, groups} = entry;
  return (
    <Stack gap="sm">
      <KeyValue
        rows={[
          ['Published', <Moment key="t" at={time} />],
          ['Entry', <IdText key="i" id={id} />],
          ['Key', key ? <IdText id={key} label="key" /> : undefined],
          ['By', source ?? undefined],
          ['Event id', ce_id ? <IdText id={ce_id} /> : undefined],
          ['Journey', trace_id ? <JourneyLink id={trace_id} /> : key ? <JourneyLink id={key}>By its key</JourneyLink> : undefined],
          ['Size', <Bytes key="b" value={bytes} />],
        ]}
      />
      <EventFields fields={fields} />
      {groups.length > 0 ? (
        <Stack gap={4}>
          <Text size="sm" fw={600}>
            What the groups did with it
          </Text>
          {groups.map(({group, state}) => (
            <GroupState key={group} topic={topic.name} group={group} state={state} />
          ))}
        </Stack>
      ) : (
        <Text size="sm" c="dimmed">
          No group reads this topic.
        </Text>
      )}
      <Group gap="xs">
        <Button
          size="xs"
          variant="default"
          renderRoot={(props) => <Link to="/topics/$topic" params={{topic: topic.name}} search={{view: 'publish', entry: id}} {...props} />}
        >
          Publish one like it
        </Button>
        {key && (
          <Button
            size="xs"
            variant="default"
            renderRoot={(props) => <Link to="/topics/$topic" params={{topic: topic.name}} search={{key, entry: id}} {...props} />}
          >
            All of this key
          </Button>
        )}
      </Group>
    </Stack>
  );
}

type State = EntryDetails['groups'][number]['state'];

const STATES: Record<State, {health: Health; word: string}> = {
  done: {health: 'ok', word: 'done'},
  pending: {health: 'waiting', word: 'being handled, or waiting for its next attempt'},
  waiting: {health: 'waiting', word: 'not read yet'},
  dead: {health: 'failing', word: 'given up: a dead letter'},
};

function GroupState({topic, group, state}: {topic: string; group: string; state: State}) {
  const {health, word} = STATES[state] ?? {health: 'waiting', word: state};
  return (
    <Group gap={8} data-group={group} data-state={state}>
      <StatusDot health={health} silent />
      <GroupLink topic={topic} group={group}>
        {group}
      </GroupLink>
      <Text size="sm" c="dimmed" span>
        {word}
      </Text>
      {state === 'dead' && (
        <LettersLink topic={topic} group={group}>
          See its letters
        </LettersLink>
      )}
    </Group>
  );
}
