// A table of one kind of row; on a phone, a list of blocks.

import {Paper, Skeleton, Table, VisuallyHidden} from '@mantine/core';
import type {ReactNode} from 'react';

import classes from './data-table.module.css';

export interface Column<T> {
  header: string;
  cell: (row: T) => ReactNode;
  align?: 'end';
  hideHeader?: boolean; // it is read out only
  width?: number | string;
}

interface DataTableProps<T> {
  label: string;
  columns: Column<T>[];
  rows: T[];
  pending?: ReadonlySet<string>; // ids of what is being changed
}

export function DataTable<T extends {id: string}>({label, columns, rows, pending}: DataTableProps<T>) {
  return (
    <Frame label={label} columns={columns}>
      {rows.map((row) => (
        <Table.Tr key={row.id} data-id={row.id} data-pending={pending?.has(row.id) || undefined}>
          {columns.map(({header, cell, align, hideHeader}) => (
            <Table.Td key={header} className={align && classes.end} data-label={hideHeader ? undefined : header}>
              {cell(row)}
            </Table.Td>
          ))}
        </Table.Tr>
      ))}
    </Frame>
  );
}

const SKELETON_ROWS = 6;

export function DataTableSkeleton<T>({label, columns}: {label: string; columns: Column<T>[]}) {
  return (
    <div aria-busy="true">
      <VisuallyHidden role="status">Loading {label.toLowerCase()}…</VisuallyHidden>
      <Frame label={label} columns={columns}>
        {Array.from({length: SKELETON_ROWS}, (_, row) => (
          <Table.Tr key={row}>
            {columns.map(({header}, column) => (
              <Table.Td key={header}>
                <Skeleton height={14} my={5} width={column === 0 ? `${70 - ((row * 17) % 35)}%` : '60%'} />
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Frame>
    </div>
  );
}

function Frame<T>({label, columns, children}: {label: string; columns: Column<T>[]; children: ReactNode}) {
  return (
    <Paper style={{overflow: 'hidden'}}>
      <Table className={classes.table} aria-label={label} verticalSpacing={6} horizontalSpacing="md" highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            {columns.map(({header, align, hideHeader, width}) => (
              <Table.Th key={header} className={align && classes.end} w={width} scope="col">
                {hideHeader ? <VisuallyHidden>{header}</VisuallyHidden> : header}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>{children}</Table.Tbody>
      </Table>
    </Paper>
  );
}
