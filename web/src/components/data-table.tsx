// A table of one kind of row; on a phone, a list of blocks.

import {Paper, Skeleton, Table, VisuallyHidden, rem} from '@mantine/core';
import {memo, type CSSProperties, type ReactNode} from 'react';

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
  rowHeight?: number;
}

const ROW_HEIGHT = 41;

export function DataTable<T extends {id: string}>({label, columns, rows, pending, rowHeight}: DataTableProps<T>) {
  return (
    <Frame label={label} columns={columns} rowHeight={rowHeight}>
      {rows.map((row) => (
        <Row key={row.id} row={row} columns={columns} pending={pending?.has(row.id) ?? false} />
      ))}
    </Frame>
  );
}

interface RowProps<T> {
  row: T;
  columns: Column<T>[];
  pending: boolean;
}

// Drawn again only when it changes: of some thousand rows, few do at a time.
const Row = memo(function Row<T extends {id: string}>({row, columns, pending}: RowProps<T>) {
  return (
    <Table.Tr data-id={row.id} data-pending={pending || undefined}>
      {columns.map(({header, cell, align, hideHeader}) => (
        <Table.Td key={header} className={align && classes.end} data-label={hideHeader ? undefined : header}>
          {cell(row)}
        </Table.Td>
      ))}
    </Table.Tr>
  );
}) as <T extends {id: string}>(props: RowProps<T>) => ReactNode;

const SKELETON_ROWS = 6;

interface SkeletonProps<T> {
  label: string;
  columns: Column<T>[];
  rowHeight?: number;
}

export function DataTableSkeleton<T>({label, columns, rowHeight}: SkeletonProps<T>) {
  return (
    <div aria-busy="true">
      <VisuallyHidden role="status">Loading {label.toLowerCase()}…</VisuallyHidden>
      <Frame label={label} columns={columns} rowHeight={rowHeight}>
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

function Frame<T>({label, columns, rowHeight = ROW_HEIGHT, children}: SkeletonProps<T> & {children: ReactNode}) {
  return (
    <Paper style={{overflow: 'hidden'}}>
      <Table
        className={classes.table}
        style={{'--row-height': rem(rowHeight)} as CSSProperties}
        aria-label={label}
        verticalSpacing={6}
        horizontalSpacing="md"
        highlightOnHover
      >
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
