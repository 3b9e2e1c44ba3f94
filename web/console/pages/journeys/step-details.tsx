import {Stack, Text} from '@mantine/core';
import {useQuery} from '@tanstack/react-query';

import type {Step} from '../../api/types';
import {Details} from '../../components/details-split';
import {DocumentDiff} from '../../components/document-diff';
import {EventFields} from '../../components/event-fields';
import {IdText} from '../../components/id-text';
import {JsonView} from '../../components/json-view';
import {KeyValue} from '../../components/key-value';
import {Loading} from '../../components/states';
import {DocumentLink, EntryLink, TopicLink} from '../../components/text-link';
import {Duration} from '../../components/values';
import {duration, exactTime} from '../../format';
import {OutcomeText} from './outcome';
import {entryQuery} from './queries';
import type {Row} from './timeline';
import {STEP_KINDS, titleOf} from './waterfall';

export function StepDetails({row, onClose}: {row: Row; onClose: () => void}) {
  const {step, start_ms} = row;
  const {word} = STEP_KINDS[step.kind];
  return (
    <Details kind={step.service ? `${word} in ${step.service}` : word} title={titleOf(step)} onClose={onClose}>
      {step.error && <JsonView label="Error" value={step.error} />}
      <Facts step={step} start_ms={start_ms} />
      {step.documents.map(({collection, id, before, after}) => (
        <Stack key={`${collection}/${id}`} gap={4}>
          <Text size="sm" fw={600} style={{overflowWrap: 'anywhere'}}>
            {!before ? 'Made' : !after ? 'Deleted' : 'Changed'} <DocumentLink collection={collection} id={id} />
          </Text>
          <DocumentDiff label={`${collection}/${id}`} before={before} after={after} />
        </Stack>
      ))}
      {step.topic && step.entry_id && <EventOfStep topic={step.topic} id={step.entry_id} />}
    </Details>
  );
}

const isNumber = (value: unknown): value is number => typeof value === 'number';

function Facts({step, start_ms}: {step: Step; start_ms: number}) {
  const {topic, entry_id} = step;
  return (
    <KeyValue
      rows={[
        ['Outcome', step.outcome ? <OutcomeText outcome={step.outcome} /> : undefined],
        ['Began', `${exactTime(new Date(step.at))} (after ${duration(start_ms)})`],
        ['Took', isNumber(step.duration_ms) ? <Duration ms={step.duration_ms} /> : undefined],
        ['Status', step.status ?? undefined],
        ['Attempt', step.attempt ?? undefined],
        ['Topic', topic ? <TopicLink topic={topic} /> : undefined],
        ['Entry', topic && entry_id ? <EntryLink topic={topic} id={entry_id} /> : undefined],
        ['Key', step.key ? <IdText id={step.key} label="key" /> : undefined],
        ['Commit', isNumber(step.lsn) ? `LSN ${step.lsn}` : undefined],
        ['Span', step.span_id ? <IdText id={step.span_id} /> : undefined],
      ]}
    />
  );
}

// The event as it is in its topic, if it still is.
function EventOfStep({topic, id}: {topic: string; id: string}) {
  const {data, isPending} = useQuery(entryQuery(topic, id));
  if (isPending) return <Loading label="the event" rows={3} />;
  if (!data)
    return (
      <Text size="sm" c="dimmed">
        The event is not in its topic any more.
      </Text>
    );
  return (
    <Stack gap={4} component="section" aria-label="Event">
      <Text size="sm" fw={600}>
        Event
      </Text>
      <EventFields fields={data.fields} />
      {data.groups.length > 0 && <KeyValue rows={data.groups.map(({group, state}) => [group, state])} />}
    </Stack>
  );
}
