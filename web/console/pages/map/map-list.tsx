// The map in words: the same as the picture, for who can't see it, or has little room.

import {Paper, Stack, Table, Text} from '@mantine/core';
import type {ReactNode} from 'react';

import type {MapService, SystemMap} from '../../api/types';
import {HealthLine, StatusDot} from '../../components/health';
import {Section} from '../../components/page';
import {TopicLink} from '../../components/text-link';
import {Num, Rate} from '../../components/values';
import {EndpointTable, HandlerTable} from './part-tables';

export function MapList({map}: {map: SystemMap}) {
  return (
    <Stack gap="lg">
      {map.services.map((service) => (
        <ServiceInWords key={service.name} service={service} />
      ))}
      <Section title="Topics">
        <Framed>
          <Table aria-label="Topics">
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">Topic</Table.Th>
                <Table.Th scope="col" ta="end">
                  Events
                </Table.Th>
                <Table.Th scope="col" ta="end">
                  Rate
                </Table.Th>
                <Table.Th scope="col" visibleFrom="sm">
                  Groups
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {map.topics.map(({name, length, events_per_s, groups, health}) => (
                <Table.Tr key={name}>
                  <Table.Td>
                    <StatusDot health={health} /> <TopicLink topic={name} />
                  </Table.Td>
                  <Table.Td ta="end">
                    <Num value={length} />
                  </Table.Td>
                  <Table.Td ta="end">
                    <Rate value={events_per_s} />
                  </Table.Td>
                  <Table.Td visibleFrom="sm">{groups.join(', ') || '–'}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Framed>
      </Section>
    </Stack>
  );
}

function ServiceInWords({service}: {service: MapService}) {
  const {name, about, port, health, why, endpoints, handlers, publishes} = service;
  return (
    <Section title={name} actions={<HealthLine health={health} why={why} />}>
      <Text size="sm" c="dimmed">
        {about ? `${about}. ` : ''}Port {port}.{publishes.length > 0 && ` Publishes ${publishes.join(', ')}.`}
      </Text>
      {endpoints.length > 0 && (
        <Framed>
          <EndpointTable label={`Endpoints of ${name}`} endpoints={endpoints} />
        </Framed>
      )}
      {handlers.length > 0 && (
        <Framed>
          <HandlerTable label={`Handlers of ${name}`} handlers={handlers} />
        </Framed>
      )}
    </Section>
  );
}

function Framed({children}: {children: ReactNode}) {
  return <Paper style={{overflowX: 'auto'}}>{children}</Paper>;
}
