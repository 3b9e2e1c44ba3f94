import {Group, Stack, Text} from '@mantine/core';
import {useQuery} from '@tanstack/react-query';
import {lazy, Suspense} from 'react';

import {healthHistoryQuery, healthQuery, systemQuery} from '../../api/queries';
import type {HealthNow} from '../../api/types';
import {HEALTH_WORDS, StatusDot} from '../../components/health';
import {KeyValue} from '../../components/key-value';
import {Page, Section} from '../../components/page';
import {Loading, QueryView} from '../../components/states';
import {Moment} from '../../components/values';
import {LimitTable, QueueTable} from './limits';
import {Tiles} from './tiles';

const Charts = lazy(() => import('./charts').then((module) => ({default: module.Charts})));

export function HealthPage() {
  const now = useQuery(healthQuery);
  return (
    <Page title="Health" description="How this process and its store are doing">
      <QueryView query={now} label="the health">
        {(health) => (
          <>
            <Verdict now={health} />
            <Tiles now={health} />
            <LastHour />
            {health.limits.length > 0 && (
              <Section title="Limits">
                <LimitTable limits={health.limits} />
              </Section>
            )}
            {health.queues.length > 0 && (
              <Section title="Queues">
                <QueueTable queues={health.queues} />
              </Section>
            )}
          </>
        )}
      </QueryView>
      <Process />
    </Page>
  );
}

function Verdict({now}: {now: HealthNow}) {
  return (
    <Stack gap={2} role="status">
      <Group gap={8}>
        <StatusDot health={now.health} silent />
        <Text fw={600}>{HEALTH_WORDS[now.health]}</Text>
      </Group>
      {now.why.map((reason) => (
        <Text key={reason} size="sm">
          {reason}
        </Text>
      ))}
    </Stack>
  );
}

function LastHour() {
  const history = useQuery(healthHistoryQuery);
  return (
    <Section title="The last hour">
      <QueryView query={history} label="the last hour">
        {(points) => (
          <Suspense fallback={<Loading label="the charts" rows={8} />}>
            <Charts history={points} />
          </Suspense>
        )}
      </QueryView>
    </Section>
  );
}

function Process() {
  const system = useQuery(systemQuery);
  return (
    <Section title="The process">
      <QueryView query={system} label="the process">
        {({version, process_id, started, store, durability, partitions, services}) => (
          <KeyValue
            rows={[
              ['Version', version],
              ['Process', process_id],
              ['Started', <Moment key="started" at={started} />],
              ['Store', <code key="store">{store}</code>],
              ['Durability', durability.summary],
              ['Partitions', `${partitions.held.length} of ${partitions.count}`],
              ['Services', services.map(({name, port}) => `${name} :${port}`).join(', ')],
            ]}
          />
        )}
      </QueryView>
    </Section>
  );
}
