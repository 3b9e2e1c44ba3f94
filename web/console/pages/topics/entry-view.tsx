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
import {plural} from '../../format';
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
        <EmptyState
          title="The event is not there"
          next="It may be older than what the topic keeps, or its id mistyped."
        />
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
          [
            'Journey',
            trace_id ? <JourneyLink id={trace_id} /> : key ? <JourneyLink id={key}>By its key</JourneyLink> : undefined,
          ],
          ['Size', <Bytes key="b" value={bytes} />],
        ]}
      />
      <EventFields fields={fields} />
      {groups.length > 0 ? (
        <Stack gap={4}>
          <Text size="sm" fw={600}>
            What the groups did with it
          </Text>
          {groups.map((group) => (
            <GroupState key={group.group} topic={topic.name} of={group} />
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
          renderRoot={(props) => (
            <Link to="/topics/$topic" params={{topic: topic.name}} search={{view: 'publish', entry: id}} {...props} />
          )}
        >
          Publish one like it
        </Button>
        {key && (
          <Button
            size="xs"
            variant="default"
            renderRoot={(props) => (
              <Link to="/topics/$topic" params={{topic: topic.name}} search={{key, entry: id}} {...props} />
            )}
          >
            All of this key
          </Button>
        )}
      </Group>
    </Stack>
  );
}

type StateOfGroup = EntryDetails['groups'][number];

const STATES: Record<StateOfGroup['state'], {health: Health; word: string}> = {
  done: {health: 'ok', word: 'done'},
  pending: {health: 'waiting', word: 'being handled, or tried again'},
  waiting: {health: 'waiting', word: 'not read yet'},
  dead: {health: 'failing', word: 'given up: a dead letter'},
};

function GroupState({topic, of}: {topic: string; of: StateOfGroup}) {
  const {group, state, attempts, retry_at, error} = of;
  const {health, word} = STATES[state];
  return (
    <Stack gap={0} data-group={group} data-state={state}>
      <Group gap={8}>
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
      {state === 'pending' && Boolean(attempts) && (
        <Text size="xs" c="dimmed" pl={18}>
          {plural(attempts ?? 0, 'attempt')}
          {retry_at && (
            <>
              , the next <Moment at={retry_at} />
            </>
          )}
        </Text>
      )}
      {error && (
        <Text size="xs" pl={18} style={{overflowWrap: 'anywhere'}}>
          {error}
        </Text>
      )}
    </Stack>
  );
}
