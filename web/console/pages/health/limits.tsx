import {Paper, Progress, Table, Text} from '@mantine/core';

import {HEALTH_COLORS} from '../../../src/theme';
import type {Limit, Queue} from '../../api/types';
import {StatusDot} from '../../components/health';
import {Num} from '../../components/values';
import {bytes, shortNumber} from '../../format';

export function LimitTable({limits}: {limits: Limit[]}) {
  return (
    <Paper style={{overflowX: 'auto'}}>
      <Table aria-label="Limits" verticalSpacing={4}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Limit</Table.Th>
            <Table.Th scope="col" ta="end">
              Now
            </Table.Th>
            <Table.Th scope="col" ta="end">
              At most
            </Table.Th>
            <Table.Th scope="col" ta="end">
              Reached
            </Table.Th>
            <Table.Th scope="col" visibleFrom="sm">
              Why
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {limits.map(({name, value, limit, unit, reached, health, why}) => (
            <Table.Tr key={name}>
              <Table.Td>
                <StatusDot health={health} /> {name}
              </Table.Td>
              <Table.Td ta="end">{amount(value, unit)}</Table.Td>
              <Table.Td ta="end">{amount(limit, unit)}</Table.Td>
              <Table.Td ta="end">
                {reached > 0 ? (
                  <>
                    <Num value={reached} /> times
                  </>
                ) : (
                  'never'
                )}
              </Table.Td>
              <Table.Td visibleFrom="sm">{why}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Paper>
  );
}

export function QueueTable({queues}: {queues: Queue[]}) {
  return (
    <Paper style={{overflowX: 'auto'}}>
      <Table aria-label="Queues" verticalSpacing={4}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Queue</Table.Th>
            <Table.Th scope="col" ta="end">
              Waiting
            </Table.Th>
            <Table.Th scope="col" w="40%">
              Of its limit
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {queues.map(({name, depth, limit}) => (
            <Table.Tr key={name}>
              <Table.Td>{name}</Table.Td>
              <Table.Td ta="end">
                <Num value={depth} />
              </Table.Td>
              <Table.Td>
                {limit ? (
                  <Share name={name} depth={depth} limit={limit} />
                ) : (
                  <Text size="xs" c="dimmed">
                    none
                  </Text>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Paper>
  );
}

const FULL = 100;
const NEARLY_FULL = 80;

function Share({name, depth, limit}: {name: string; depth: number; limit: number}) {
  const percent = Math.min(FULL, (FULL * depth) / limit);
  const color = percent >= FULL ? HEALTH_COLORS.failing : percent >= NEARLY_FULL ? HEALTH_COLORS.waiting : 'gray';
  return (
    <Progress
      value={percent}
      color={color}
      size="sm"
      aria-label={`${name}: ${shortNumber(depth)} of ${shortNumber(limit)}`}
    />
  );
}

const amount = (value: number, unit: string | null | undefined): string =>
  unit === 'bytes' ? bytes(value) : `${shortNumber(value)}${unit ? ` ${unit}` : ''}`;
