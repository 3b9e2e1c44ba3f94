import {Text} from '@mantine/core';

import type {Group} from '../api/types';
import {DataTable, type Column} from './data-table';
import {StatusDot} from './health';
import {GroupLink} from './text-link';
import {Duration, Num, Rate} from './values';

interface GroupTableProps {
  label: string;
  groups: Group[];
  onOpen: (group: Group) => void;
  maxHeight?: string;
}

// Groups with how they are doing; those that need a look first.
export function GroupTable({label, groups, onOpen, maxHeight}: GroupTableProps) {
  return (
    <DataTable
      label={label}
      columns={COLUMNS}
      rows={inOrder(groups)}
      rowId={groupId}
      onOpen={onOpen}
      maxHeight={maxHeight}
    />
  );
}

const groupId = ({topic, group}: Group): string => `${topic} ${group}`;

const URGENCY = {failing: 0, waiting: 1, ok: 2};

const inOrder = (groups: Group[]): Group[] =>
  groups.toSorted((a, b) => URGENCY[a.health] - URGENCY[b.health] || groupId(a).localeCompare(groupId(b)));

const COLUMNS: Column<Group>[] = [
  {
    header: 'Group',
    width: 'minmax(12rem, 3fr)',
    cell: ({topic, group, health}) => (
      <>
        <StatusDot health={health} /> <GroupLink topic={topic} group={group} />
      </>
    ),
  },
  {header: 'Service', width: '5.5rem', cell: ({service}) => service ?? 'none here', phone: false},
  {header: 'Lag', width: '4rem', cell: ({lag}) => <Num value={lag} />, align: 'end'},
  {header: 'In flight', width: '4rem', cell: ({in_flight}) => <Num value={in_flight} />, align: 'end', phone: false},
  {header: 'Retrying', width: '4rem', cell: ({retrying}) => <Num value={retrying} />, align: 'end', phone: false},
  {
    header: 'Handled',
    width: '5rem',
    cell: ({handled_per_s}) => <Rate value={handled_per_s} />,
    align: 'end',
    phone: false,
  },
  {
    header: 'Failed',
    width: '4.5rem',
    cell: ({failed_per_s}) => <Rate value={failed_per_s} />,
    align: 'end',
    phone: false,
  },
  {header: 'p50', width: '4.5rem', cell: ({p50_ms}) => <Duration ms={p50_ms} />, align: 'end', phone: false},
  {header: 'p99', width: '4.5rem', cell: ({p99_ms}) => <Duration ms={p99_ms} />, align: 'end', phone: false},
  {header: 'Dead', width: '3.5rem', cell: ({dead_letters}) => <Num value={dead_letters} />, align: 'end'},
  {header: 'Why', width: 'minmax(8rem, 3fr)', cell: (group) => <Why group={group} />, phone: false},
];

function Why({group: {health, why, paused}}: {group: Group}) {
  if (paused)
    return (
      <Text span size="sm" title={paused.reason}>
        Paused{paused.reason && `: ${paused.reason}`}
      </Text>
    );
  return health === 'ok' ? <></> : <span title={why}>{why}</span>;
}
