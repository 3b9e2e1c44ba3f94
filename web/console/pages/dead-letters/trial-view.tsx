import {Alert, Stack, Text} from '@mantine/core';
import {IconCheck, IconX} from '@tabler/icons-react';
import {useEffect, useRef} from 'react';

import type {Trial} from '../../api/types';
import {DocumentDiff} from '../../components/document-diff';
import {EventFields} from '../../components/event-fields';
import {DocumentLink, TopicLink} from '../../components/text-link';
import {Moment} from '../../components/values';
import {plural} from '../../format';

// What the handler would do with a letter: nothing of it was committed.
export function TrialView({trial}: {trial: Trial}) {
  const {outcome, error, stopped_at_durable, effects, publishes, documents} = trial;
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    frame.current?.scrollIntoView({block: 'nearest'});
  }, [trial]);
  const ok = outcome === 'ok';
  return (
    <Stack ref={frame} gap="xs" component="section" aria-label="What the handler would do" data-trial={outcome}>
      <Alert
        color={ok ? 'teal' : 'red'}
        role="status"
        icon={ok ? <IconCheck aria-hidden /> : <IconX aria-hidden />}
        title={ok ? 'The handler would succeed' : 'The handler would fail'}
      >
        {error || 'Nothing was committed: it was only tried.'}
      </Alert>
      {stopped_at_durable && (
        <Text size="sm">
          It was stopped where the handler asks for what it did so far to be durable: what it does after that (in the
          world outside, say) is not tried.
        </Text>
      )}
      {effects > 0 && <Text size="sm">{plural(effects, 'effect')} of it would follow the commit.</Text>}
      {documents.map(({collection, id, before, after}) => (
        <Stack key={`${collection}/${id}`} gap={4}>
          <Text size="sm" fw={600} style={{overflowWrap: 'anywhere'}}>
            {before == null ? 'Makes' : after == null ? 'Deletes' : 'Changes'}{' '}
            <DocumentLink collection={collection} id={id} />
          </Text>
          <DocumentDiff label={`${collection}/${id}`} before={before} after={after} />
        </Stack>
      ))}
      {publishes.map(({topic, due, fields}, index) => (
        <Stack key={index} gap={4}>
          <Text size="sm" fw={600}>
            Publishes to <TopicLink topic={topic} />
            {due && (
              <>
                , <Moment at={due} />
              </>
            )}
          </Text>
          <EventFields fields={fields} />
        </Stack>
      ))}
      {ok && !stopped_at_durable && documents.length + publishes.length === 0 && (
        <Text size="sm" c="dimmed">
          It changes no document and publishes nothing.
        </Text>
      )}
    </Stack>
  );
}
