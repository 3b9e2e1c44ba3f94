import type {GroupDetails, PendingEntry} from '../../api/types';
import {DataTable, type Column} from '../../components/data-table';
import {EntryLink} from '../../components/text-link';
import {Duration, Moment, Num} from '../../components/values';

type Consumer = GroupDetails['consumers'][number];

const CONSUMERS: Column<Consumer>[] = [
  {header: 'Consumer', width: 'minmax(6rem, 1fr)', cell: ({name}) => <code>{name}</code>},
  {header: 'Pending', width: '5rem', cell: ({pending}) => <Num value={pending} />, align: 'end'},
  {header: 'Idle for', width: '6rem', cell: ({idle_ms}) => <Duration ms={idle_ms} />, align: 'end'},
];

export function ConsumerTable({consumers}: {consumers: Consumer[]}) {
  return (
    <DataTable
      label="Consumers"
      columns={CONSUMERS}
      rows={merged(consumers)}
      rowId={({name}) => name}
      maxHeight="20rem"
    />
  );
}

// A consumer reads the topic and what is redriven to the group, and is one all the same.
function merged(consumers: Consumer[]): Consumer[] {
  const byName = new Map<string, Consumer>();
  for (const {name, pending, idle_ms} of consumers) {
    const known = byName.get(name) ?? {name, pending: 0, idle_ms};
    byName.set(name, {name, pending: known.pending + pending, idle_ms: Math.min(known.idle_ms, idle_ms)});
  }
  return [...byName.values()];
}

const pendingColumns = (topic: string): Column<PendingEntry>[] => [
  {header: 'Entry', width: '10rem', cell: ({id}) => <EntryLink topic={topic} id={id} />},
  {header: 'Tries', width: '3rem', cell: ({attempts}) => <Num value={attempts} />, align: 'end'},
  {header: 'Idle for', width: '5rem', cell: ({idle_ms}) => <Duration ms={idle_ms} />, align: 'end', phone: false},
  {header: 'Next attempt', width: '6rem', cell: ({retry_at}) => <Moment at={retry_at} />, align: 'end'},
  {
    header: 'Last error',
    width: 'minmax(10rem, 2fr)',
    cell: ({last_error}) => <span title={last_error ?? undefined}>{last_error ?? ''}</span>,
    phone: false,
  },
  {header: 'Consumer', width: 'minmax(6rem, 1fr)', cell: ({consumer}) => <code>{consumer}</code>, phone: false},
];

export function PendingTable({topic, pending}: {topic: string; pending: PendingEntry[]}) {
  return (
    <DataTable
      label="Oldest pending entries"
      columns={pendingColumns(topic)}
      rows={pending}
      rowId={({id}) => id}
      maxHeight="20rem"
    />
  );
}
