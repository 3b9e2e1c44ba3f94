import {Alert, Button, Text} from '@mantine/core';
import {IconPlayerPause, IconPlayerPlay} from '@tabler/icons-react';
import {useQuery} from '@tanstack/react-query';
import {getRouteApi, useNavigate} from '@tanstack/react-router';
import {useState} from 'react';

import {notifyDone, notifyFailed} from '../../../src/components/notify';
import {Problem} from '../../api/client';
import type {GroupDetails} from '../../api/types';
import {HealthLine} from '../../components/health';
import {KeyValue} from '../../components/key-value';
import {Page, Section} from '../../components/page';
import {EmptyState, QueryView} from '../../components/states';
import {EntryLink, LettersLink, TopicLink} from '../../components/text-link';
import {Duration, Moment, Num, Rate} from '../../components/values';
import {ExpireDialog} from './expire-dialog';
import {ConsumerTable, PendingTable} from './group-tables';
import {PauseDialog} from './pause-dialog';
import {BEFORE_ALL, groupQuery, useResume} from './queries';
import {SeekDialog} from './seek-dialog';

const route = getRouteApi('/groups/$topic/$group');

export function GroupPage() {
  const name = route.useParams();
  const query = useQuery(groupQuery(name));
  return (
    <Page
      title={`${name.topic} → ${name.group}`}
      up={{to: '/groups', label: 'Groups and handlers'}}
      description={query.data && <HealthLine health={query.data.health} why={query.data.why} />}
      actions={query.data && <Actions group={query.data} />}
    >
      {query.error instanceof Problem && query.error.status === 404 ? (
        <EmptyState
          title="There is no such group"
          next="It may be mistyped, or expired. A group appears with its handler."
        />
      ) : (
        <QueryView query={query} label="the group">
          {(group) => <Contents group={group} />}
        </QueryView>
      )}
    </Page>
  );
}

type Dialog = 'pause' | 'seek' | 'expire';

function Actions({group}: {group: GroupDetails}) {
  const [dialog, setDialog] = useState<Dialog>();
  const navigate = useNavigate();
  const resume = useResume(group);
  const close = () => setDialog(undefined);
  const goOn = () =>
    resume.mutate(undefined, {
      onSuccess: () => notifyDone(`${group.group} goes on.`),
      onError: (error) => notifyFailed('It could not be resumed', error),
    });
  return (
    <>
      {group.paused ? (
        <Button
          size="xs"
          leftSection={<IconPlayerPlay size={14} aria-hidden />}
          loading={resume.isPending}
          onClick={goOn}
        >
          Resume
        </Button>
      ) : (
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlayerPause size={14} aria-hidden />}
          onClick={() => setDialog('pause')}
        >
          Pause…
        </Button>
      )}
      <Button size="xs" variant="default" onClick={() => setDialog('seek')}>
        Move the cursor…
      </Button>
      <Button size="xs" variant="default" onClick={() => setDialog('expire')}>
        Expire…
      </Button>
      {dialog === 'pause' && <PauseDialog group={group} onClose={close} />}
      {dialog === 'seek' && <SeekDialog group={group} onClose={close} onPause={() => setDialog('pause')} />}
      {dialog === 'expire' && (
        <ExpireDialog group={group} onClose={close} onExpired={() => void navigate({to: '/groups'})} />
      )}
    </>
  );
}

function Contents({group}: {group: GroupDetails}) {
  const {topic, paused, consumers, oldest_pending} = group;
  return (
    <>
      {paused && (
        <Alert color="orange" icon={<IconPlayerPause aria-hidden />} title="Paused" role="status">
          Since <Moment at={paused.since} />
          {paused.by && `, by ${paused.by}`}
          {paused.reason ? `: ${paused.reason}` : '. No reason was given.'}
          <br />
          It begins nothing until it is resumed; its events wait.
        </Alert>
      )}
      <Facts group={group} />
      <Section title="Oldest pending entries">
        {oldest_pending.length > 0 ? (
          <PendingTable topic={topic} pending={oldest_pending} />
        ) : (
          <Text size="sm" c="dimmed">
            Nothing is pending: every entry that was read is done.
          </Text>
        )}
      </Section>
      <Section title="Consumers">
        {consumers.length > 0 ? (
          <ConsumerTable consumers={consumers} />
        ) : (
          <Text size="sm" c="dimmed">
            Nobody has read as this group yet.
          </Text>
        )}
      </Section>
    </>
  );
}

function Facts({group}: {group: GroupDetails}) {
  const {topic, group: name, cursor, dead_letters} = group;
  return (
    <KeyValue
      rows={[
        ['Topic', <TopicLink key="t" topic={topic} />],
        ['Handler', handlerOf(group)],
        ['Cursor', cursor === BEFORE_ALL ? 'at the start' : <EntryLink key="c" topic={topic} id={cursor} />],
        [
          'Lag',
          <span key="l">
            <Num value={group.lag} /> waiting
            {group.oldest_waiting_ms != null && (
              <>
                , the oldest for <Duration ms={group.oldest_waiting_ms} />
              </>
            )}
          </span>,
        ],
        [
          'At work',
          <span key="w">
            <Num value={group.in_flight} /> in flight, <Num value={group.pending} /> pending,{' '}
            <Num value={group.retrying} /> retrying, <Num value={group.parked} /> parked behind their key
          </span>,
        ],
        [
          'Handled',
          <span key="h">
            <Rate value={group.handled_per_s} />, failed <Rate value={group.failed_per_s} />
          </span>,
        ],
        [
          'Takes',
          <span key="p">
            <Duration ms={group.p50_ms} /> (p50), <Duration ms={group.p99_ms} /> (p99)
          </span>,
        ],
        [
          'Dead letters',
          dead_letters > 0 ? (
            <LettersLink topic={topic} group={name}>
              <Num value={dead_letters} />
            </LettersLink>
          ) : (
            'none'
          ),
        ],
      ]}
    />
  );
}

function handlerOf({service, handler}: GroupDetails): string {
  if (handler) return `of ${service}, for ${handler}`;
  return service ? `of ${service}, in another process` : 'none in this process';
}
