import {Stack, Text} from '@mantine/core';
import {useQuery} from '@tanstack/react-query';
import {useNavigate} from '@tanstack/react-router';

import {groupsQuery} from '../../api/queries';
import type {TopicDetails} from '../../api/types';
import {GroupTable} from '../../components/group-table';
import {JsonView} from '../../components/json-view';
import {KeyValue} from '../../components/key-value';
import {Section} from '../../components/page';
import {EntryLink} from '../../components/text-link';
import {Bytes, Moment, Num, Rate} from '../../components/values';
import {KIND_WORDS, retentionText} from './retention';

export function TopicFacts({topic}: {topic: TopicDetails}) {
  const navigate = useNavigate();
  const {name, kind, event, length, entries_added, bytes, first_id, last_id, last_time, retention, schema} = topic;
  const groups = useQuery(groupsQuery).data?.items.filter((group) => group.topic === name) ?? [];
  return (
    <Stack gap="lg">
      <KeyValue
        rows={[
          ['Holds', `${KIND_WORDS[kind]}${event ? ` of type ${event}` : ''}`],
          ['Keeps', retentionText(retention)],
          ['Kept now', <Num key="n" value={length} />],
          ['Published ever', <Num key="a" value={entries_added} />],
          ['Size', <Bytes key="b" value={bytes} />],
          ['Rate', <Rate key="r" value={topic.events_per_s} />],
          ['Oldest', first_id ? <EntryLink topic={name} id={first_id} /> : undefined],
          [
            'Newest',
            last_id ? (
              <span>
                <EntryLink topic={name} id={last_id} /> (<Moment at={last_time} />)
              </span>
            ) : undefined,
          ],
        ]}
      />
      <Section title="Groups">
        {groups.length > 0 ? (
          <GroupTable
            label={`Groups of ${name}`}
            groups={groups}
            maxHeight="20rem"
            onOpen={({topic: of, group}) => void navigate({to: '/groups/$topic/$group', params: {topic: of, group}})}
          />
        ) : (
          <Text size="sm" c="dimmed">
            Nobody reads this topic. A service does with service.on&lt;{event ?? 'Event'}&gt;(&quot;{name}&quot;,
            handler).
          </Text>
        )}
      </Section>
      {schema && (
        <Section title="Schema of its event">
          <JsonView label="Schema" value={schema} />
        </Section>
      )}
    </Stack>
  );
}
