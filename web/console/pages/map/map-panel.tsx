// What is selected on the map, in full, with the ways on from there.

import {Anchor, Button, Group as Row, Text} from '@mantine/core';
import {Link} from '@tanstack/react-router';

import type {Group, MapService, MapTopic, SystemMap} from '../../api/types';
import {Details} from '../../components/details-split';
import {HealthLine} from '../../components/health';
import {KeyValue} from '../../components/key-value';
import {Duration, Moment, Num, Rate} from '../../components/values';
import {groupId, serviceId, topicId} from './graph';
import {EndpointTable, HandlerTable} from './part-tables';

interface PanelProps {
  map: SystemMap;
  selected: string;
  onSelect: (id: string | undefined) => void;
}

export function MapPanel({map, selected, onSelect}: PanelProps) {
  const close = () => onSelect(undefined);
  const service = map.services.find(({name}) => serviceId(name) === selected);
  if (service) return <ServicePanel service={service} onSelect={onSelect} close={close} />;
  const topic = map.topics.find(({name}) => topicId(name) === selected);
  if (topic) return <TopicPanel map={map} topic={topic} onSelect={onSelect} close={close} />;
  const handler = map.services.flatMap(({handlers}) => handlers).find((group) => groupId(group) === selected);
  if (handler) return <HandlerPanel handler={handler} close={close} />;
  return (
    <Details kind="Not on the map" title={selected} onClose={close}>
      What was selected is not here any more.
    </Details>
  );
}

function ServicePanel({
  service,
  onSelect,
  close,
}: {
  service: MapService;
  onSelect: PanelProps['onSelect'];
  close: () => void;
}) {
  const {name, about, port, health, why, endpoints, handlers, publishes} = service;
  return (
    <Details kind="Service" title={name} onClose={close}>
      <HealthLine health={health} why={why} />
      {about && <Text size="sm">{about}</Text>}
      {endpoints.length > 0 && <EndpointTable label="Endpoints" endpoints={endpoints} />}
      {handlers.length > 0 && <HandlerTable label="Handlers" handlers={handlers} />}
      {publishes.length > 0 && (
        <KeyValue
          rows={[['Publishes', <Names key="names" names={publishes} onSelect={(topic) => onSelect(topicId(topic))} />]]}
        />
      )}
      <Row gap="xs">
        <Button
          size="xs"
          variant="default"
          renderRoot={(props) => <Link to="/journeys" search={{service: name}} {...props} />}
        >
          Its journeys
        </Button>
        <Button
          size="xs"
          variant="default"
          component="a"
          href={`${location.protocol}//${location.hostname}:${port}/docs`}
        >
          Its API
        </Button>
      </Row>
    </Details>
  );
}

interface TopicPanelProps {
  map: SystemMap;
  topic: MapTopic;
  onSelect: PanelProps['onSelect'];
  close: () => void;
}

function TopicPanel({map, topic, onSelect, close}: TopicPanelProps) {
  const {name, length, events_per_s, health, why} = topic;
  const publishers = map.services.filter(({publishes}) => publishes.includes(name)).map((service) => service.name);
  const handlers = map.services.flatMap((service) => service.handlers.filter((handler) => handler.topic === name));
  const select = (service: string) => onSelect(serviceId(service));
  return (
    <Details kind="Topic" title={name} onClose={close}>
      <HealthLine health={health} why={why} />
      <KeyValue
        rows={[
          ['Events', <Num key="n" value={length} />],
          ['Rate', <Rate key="r" value={events_per_s} />],
          [
            'Published by',
            publishers.length > 0 ? <Names key="p" names={publishers} onSelect={select} /> : 'nobody here',
          ],
        ]}
      />
      {handlers.length > 0 ? (
        <HandlerTable label="Handlers" handlers={handlers} />
      ) : (
        <Text size="sm" c="dimmed">
          No service of this process handles its events.
        </Text>
      )}
      <Row gap="xs">
        <Button
          size="xs"
          variant="default"
          renderRoot={(props) => <Link to="/topics/$topic" params={{topic: name}} {...props} />}
        >
          Browse its events
        </Button>
      </Row>
    </Details>
  );
}

function HandlerPanel({handler, close}: {handler: Group; close: () => void}) {
  const {topic, group, service, health, why, paused} = handler;
  return (
    <Details kind="Handler" title={`${topic} → ${group}`} onClose={close}>
      <HealthLine health={health} why={why} />
      <KeyValue
        rows={[
          ['Service', service ?? undefined],
          ['Handled', <Rate key="h" value={handler.handled_per_s} />],
          ['Failed', <Rate key="f" value={handler.failed_per_s} />],
          ['Lag', <Num key="l" value={handler.lag} />],
          ['In flight', <Num key="i" value={handler.in_flight} />],
          ['Retrying', <Num key="r" value={handler.retrying} />],
          ['Dead letters', <Num key="d" value={handler.dead_letters} />],
          [
            'p50, p99',
            <span key="p">
              <Duration ms={handler.p50_ms} />, <Duration ms={handler.p99_ms} />
            </span>,
          ],
          [
            'Paused',
            paused ? (
              <span>
                <Moment at={paused.since} />
                {paused.reason && `: ${paused.reason}`}
              </span>
            ) : undefined,
          ],
        ]}
      />
      <Row gap="xs">
        <Button
          size="xs"
          variant="default"
          renderRoot={(props) => <Link to="/groups/$topic/$group" params={{topic, group}} {...props} />}
        >
          Open the group
        </Button>
        {handler.dead_letters > 0 && (
          <Button
            size="xs"
            variant="default"
            renderRoot={(props) => <Link to="/dead-letters/$topic/$group" params={{topic, group}} {...props} />}
          >
            Its dead letters
          </Button>
        )}
      </Row>
    </Details>
  );
}

function Names({names, onSelect}: {names: string[]; onSelect: (name: string) => void}) {
  return names.map((name, index) => (
    <span key={name}>
      {index > 0 && ', '}
      <Anchor component="button" type="button" fz="inherit" onClick={() => onSelect(name)}>
        {name}
      </Anchor>
    </span>
  ));
}
