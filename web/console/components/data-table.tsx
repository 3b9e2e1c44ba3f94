// A table of any length: only the rows in sight are drawn. One row is the current one; the keyboard moves it.
//
//   ↑ ↓ j k, Page Up, Page Down, Home, End    move        Enter    opens it

import {useVirtualizer} from '@tanstack/react-virtual';
import {useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode} from 'react';

import classes from './data-table.module.css';

export interface Column<T> {
  header: string;
  cell: (row: T) => ReactNode;
  width: string; // of a grid's column: "1fr", "6rem", "minmax(8rem, 2fr)"
  align?: 'end';
  phone?: false; // left out where there is little room
}

interface DataTableProps<T> {
  label: string;
  columns: Column<T>[];
  rows: T[];
  rowId: (row: T) => string;
  onOpen?: (row: T) => void;
  selected?: string; // the id of the row that is open beside the table
  onEndReached?: () => void; // fetch more
  rowsTotal?: number; // when it is known that there are more than `rows`
  maxHeight?: string;
}

const ROW_PX = 32;
const MORE_BEFORE_ROWS = 20;

export function DataTable<T>(props: DataTableProps<T>) {
  const {label, columns, rows, rowId, onOpen, selected, onEndReached, rowsTotal, maxHeight = '70vh'} = props;
  const id = useId();
  const frame = useRef<HTMLDivElement>(null);
  const [current, setCurrent] = useState(0);
  const at = Math.min(current, rows.length - 1);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
    getItemKey: (index) => rowId(rows[index]!),
  });
  const items = virtual.getVirtualItems();
  const lastShown = items.at(-1)?.index ?? -1;

  useEffect(() => {
    if (rows.length > 0 && lastShown >= rows.length - MORE_BEFORE_ROWS) onEndReached?.();
  }, [lastShown, rows.length, onEndReached]);

  const move = (to: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, to));
    setCurrent(next);
    virtual.scrollToIndex(next);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor((frame.current?.clientHeight ?? ROW_PX) / ROW_PX) - 2);
    const target = targetOf(event.key, at, page, rows.length);
    const row = rows[at];
    if (target !== undefined) move(target);
    else if (event.key === 'Enter' && row) onOpen?.(row);
    else return;
    event.preventDefault();
  };

  const template = {gridTemplateColumns: columns.map(({width}) => width).join(' ')};
  const phoneTemplate = columns
    .filter(({phone}) => phone !== false)
    .map(({width}) => width)
    .join(' ');
  return (
    <div
      ref={frame}
      className={classes.frame}
      style={
        {maxHeight, '--columns': template.gridTemplateColumns, '--phone-columns': phoneTemplate} as React.CSSProperties
      }
      role="grid"
      aria-label={label}
      aria-rowcount={(rowsTotal ?? rows.length) + 1}
      aria-activedescendant={items.some(({index}) => index === at) ? `${id}-${at}` : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      <div role="rowgroup" className={classes.head}>
        <div role="row" aria-rowindex={1} className={classes.row}>
          {columns.map(({header, align, phone}) => (
            <div key={header} role="columnheader" className={classes.cell} data-align={align} data-phone={phone}>
              {header}
            </div>
          ))}
        </div>
      </div>
      <div role="rowgroup" className={classes.body} style={{height: virtual.getTotalSize()}}>
        {items.map(({index, key, start}) => {
          const row = rows[index]!;
          return (
            <div
              key={key}
              id={`${id}-${index}`}
              role="row"
              aria-rowindex={index + 2}
              aria-selected={selected === rowId(row)}
              data-id={rowId(row)}
              data-current={index === at || undefined}
              data-opens={onOpen ? true : undefined}
              className={`${classes.row} ${classes.placed}`}
              style={{transform: `translateY(${start}px)`}}
              onClick={(event) => {
                setCurrent(index);
                if (!(event.target as Element).closest('a, button, input')) onOpen?.(row);
              }}
            >
              {columns.map(({header, cell, align, phone}) => (
                <div key={header} role="gridcell" className={classes.cell} data-align={align} data-phone={phone}>
                  {cell(row)}
                </div>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}

export function targetOf(key: string, at: number, page: number, count: number): number | undefined {
  switch (key) {
    case 'ArrowDown':
    case 'j':
      return at + 1;
    case 'ArrowUp':
    case 'k':
      return at - 1;
    case 'PageDown':
      return at + page;
    case 'PageUp':
      return at - page;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return undefined;
  }
}
