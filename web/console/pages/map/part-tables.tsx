// The endpoints and handlers of a service, as the panel and the list show them.

import {Table} from '@mantine/core';

import type {Group, MapEndpoint} from '../../api/types';
import {StatusDot} from '../../components/health';
import {GroupLink} from '../../components/text-link';
import {Duration, Num, Rate} from '../../components/values';

export function EndpointTable({label, endpoints}: {label: string; endpoints: MapEndpoint[]}) {
  return (
    <Table aria-label={label} verticalSpacing={3} horizontalSpacing="xs" fz="xs">
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">Endpoint</Table.Th>
          <Table.Th scope="col" ta="end">
            Requests
          </Table.Th>
          <Table.Th scope="col" ta="end">
            p50
          </Table.Th>
          <Table.Th scope="col" ta="end">
            p99
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {endpoints.map(({method, path, requests_per_s, errors_per_s, p50_ms, p99_ms, health}) => (
          <Table.Tr key={`${method} ${path}`}>
            <Table.Td style={{overflowWrap: 'anywhere'}}>
              <StatusDot health={health} /> {method} {path}
            </Table.Td>
            <Table.Td ta="end">
              <Rate value={requests_per_s} />
              {errors_per_s > 0 && (
                <>
                  , failed <Rate value={errors_per_s} />
                </>
              )}
            </Table.Td>
            <Table.Td ta="end">
              <Duration ms={p50_ms} />
            </Table.Td>
            <Table.Td ta="end">
              <Duration ms={p99_ms} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

export function HandlerTable({label, handlers}: {label: string; handlers: Group[]}) {
  return (
    <Table aria-label={label} verticalSpacing={3} horizontalSpacing="xs" fz="xs">
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">Handler</Table.Th>
          <Table.Th scope="col" ta="end">
            Handled
          </Table.Th>
          <Table.Th scope="col" ta="end">
            Lag
          </Table.Th>
          <Table.Th scope="col" ta="end">
            p99
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {handlers.map(({topic, group, handled_per_s, lag, p99_ms, health}) => (
          <Table.Tr key={`${topic} ${group}`}>
            <Table.Td style={{overflowWrap: 'anywhere'}}>
              <StatusDot health={health} /> <GroupLink topic={topic} group={group} />
            </Table.Td>
            <Table.Td ta="end">
              <Rate value={handled_per_s} />
            </Table.Td>
            <Table.Td ta="end">
              <Num value={lag} />
            </Table.Td>
            <Table.Td ta="end">
              <Duration ms={p99_ms} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
