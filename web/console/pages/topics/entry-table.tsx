// Entries as rows, for browsing and for the tail.

import type {ReactNode} from 'react';

import type {Entry} from '../../api/types';
import {DataTable, type Column} from '../../components/data-table';
import {Moment} from '../../components/values';
import {clockTime} from '../../format';
import {membersOf} from '../../schema/event-fields';
import classes from './entry-table.module.css';

interface EntryTableProps {
  label: string;
  entries: Entry[];
  selected?: string;
  onOpen: (id: string) => void;
  onEndReached?: () => void;
  exact?: boolean; // times by the clock, as they scroll by
}

export function EntryTable({label, entries, selected, onOpen, onEndReached, exact}: EntryTableProps) {
  return (
    <DataTable
      label={label}
      columns={exact ? EXACT_COLUMNS : COLUMNS}
      rows={entries}
      rowId={({id}) => id}
      selected={selected}
      onOpen={({id}) => onOpen(id)}
      onEndReached={onEndReached}
      maxHeight="calc(100dvh - 268px)"
    />
  );
}

const columns = (time: Column<Entry>): Column<Entry>[] => [
  time,
  {header: 'Type', width: 'minmax(5rem, 9rem)', cell: ({type}) => type ?? '–', phone: false},
  {header: 'Key', width: 'minmax(6rem, 14rem)', cell: ({key}) => (key ? <code title={key}>{key}</code> : '–')},
  {header: 'Data', width: 'minmax(8rem, 3fr)', cell: dataText},
  {header: 'Entry', width: '9.5rem', cell: ({id}) => <code>{id}</code>, phone: false},
];

const COLUMNS = columns({header: 'Published', width: '5.5rem', cell: ({time}) => <Moment at={time} />});
const EXACT_COLUMNS = columns({
  header: 'Published',
  width: '6.5rem',
  cell: ({time}) => <span className={classes.clock}>{clockTime(new Date(time))}</span>,
});

const FIELD_CHARACTERS = 60;

// "product_id 01J…  quantity 2": as much as a line holds, without the member that is the key and stands beside it.
function dataText({key, fields}: Entry): ReactNode {
  return Object.entries(membersOf(fields))
    .filter(([, value]) => value !== key)
    .map(([name, value]) => (
      <span key={name} className={classes.field}>
        <span className={classes.name}>{name}</span>{' '}
        {value.length > FIELD_CHARACTERS ? `${value.slice(0, FIELD_CHARACTERS)}…` : value}
      </span>
    ));
}
