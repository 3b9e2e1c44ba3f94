// An event made by hand: by a form of its schema, or as JSON.

import {Alert, Button, Group, JsonInput, SegmentedControl, Stack, Text, TextInput} from '@mantine/core';
import {useQuery} from '@tanstack/react-query';
import {useMemo, useRef, useState} from 'react';

import {messageOf} from '../../../src/components/error-state';
import {Problem} from '../../api/client';
import type {EntryDetails, TopicDetails} from '../../api/types';
import {ProblemAlert} from '../../components/problem-alert';
import {Loading} from '../../components/states';
import {EntryLink} from '../../components/text-link';
import {draftOf, emptyDraft, readDraft, type Errors} from '../../schema/draft';
import {dataOfFields} from '../../schema/event-fields';
import {focusInvalid, SchemaForm} from '../../schema/schema-form';
import {shapeOf} from '../../schema/shape';
import {entryQuery, usePublish} from './queries';

interface PublishViewProps {
  topic: TopicDetails;
  from: string | undefined; // an entry that the form begins with
}

export function PublishView({topic, from}: PublishViewProps) {
  const like = useQuery({...entryQuery(topic.name, from ?? ''), enabled: from !== undefined, refetchInterval: false});
  if (from !== undefined && like.isPending) return <Loading label="the event" />;
  return <PublishForm key={from} topic={topic} like={like.data} />;
}

type Way = 'form' | 'json';

function PublishForm({topic, like}: {topic: TopicDetails; like: EntryDetails | undefined}) {
  const shape = useMemo(() => shapeOf(topic.schema), [topic.schema]);
  const start = useMemo(() => (like ? dataOfFields(shape, like.fields) : undefined), [shape, like]);
  const [way, setWay] = useState<Way>(shape.kind === 'json' ? 'json' : 'form');
  const [draft, setDraft] = useState(() => (start ? draftOf(shape, start) : emptyDraft(shape)));
  const [json, setJson] = useState(() => JSON.stringify(start ?? {}, null, 2));
  const [key, setKey] = useState(like?.key ?? '');
  const [type, setType] = useState(topic.event ? '' : (like?.type ?? ''));
  const [errors, setErrors] = useState<Errors>({});
  const publish = usePublish(topic.name);
  const form = useRef<HTMLFormElement>(null);

  const change = (way: Way) => {
    if (way === 'json') setJson(JSON.stringify(readDraft(shape, draft).value ?? {}, null, 2));
    else setDraft(draftOf(shape, parsed(json)));
    setErrors({});
    setWay(way);
  };
  const send = () => {
    const read = way === 'form' ? readDraft(shape, draft) : readDraft({kind: 'json'}, json);
    setErrors(read.errors);
    publish.reset();
    if (Object.keys(read.errors).length > 0) {
      focusInvalid(form.current);
      return;
    }
    publish.mutate(
      {data: read.value, key: key || undefined, type: type || undefined},
      {onError: (error) => setErrors(errorsOf(error))},
    );
  };

  return (
    <form
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Stack gap="sm" maw={640}>
        <Text size="sm" c="dimmed">
          Handlers will do with it what they do with any other: real money may move.
        </Text>
        {shape.kind !== 'json' && (
          <SegmentedControl
            size="xs"
            w="fit-content"
            aria-label="Write it as"
            data={[
              {value: 'form', label: 'Form'},
              {value: 'json', label: 'JSON'},
            ]}
            value={way}
            onChange={(next) => change(next as Way)}
          />
        )}
        {way === 'form' ? (
          <SchemaForm shape={shape} draft={draft} onChange={setDraft} errors={errors} />
        ) : (
          <JsonInput
            label="Data"
            autosize
            minRows={6}
            maxRows={24}
            value={json}
            onChange={setJson}
            error={errors['']}
            styles={{input: {fontFamily: 'var(--mantine-font-family-monospace)'}}}
          />
        )}
        <Group gap="sm" align="flex-start" grow>
          <TextInput
            size="xs"
            label="Key"
            description="Events of one key are handled in order. Empty: as the service keys them."
            value={key}
            onChange={(event) => setKey(event.currentTarget.value)}
          />
          {!topic.event && (
            <TextInput
              size="xs"
              label="Type"
              description="What handlers know it by."
              value={type}
              onChange={(event) => setType(event.currentTarget.value)}
            />
          )}
        </Group>
        <ProblemAlert title="The event was not published" error={publish.error} />
        {publish.isSuccess && (
          <Alert color="teal" role="status" title="Published">
            As <EntryLink topic={topic.name} id={publish.data.id} />
          </Alert>
        )}
        <Group>
          <Button type="submit" loading={publish.isPending}>
            Publish
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

// The server names what it refuses: "lines[0].price: is missing".
function errorsOf(error: unknown): Errors {
  if (!(error instanceof Problem) || error.status !== 422) return {};
  const named = /^(?:data\.)?([\w.[\]]+): (.+)$/s.exec(messageOf(error));
  return named ? {[named[1]!]: named[2]!} : {};
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
