import type {ReactNode} from 'react';

import classes from './key-value.module.css';

// Names and values, one a line: [name, value]; an undefined value leaves the line out.
export function KeyValue({rows}: {rows: (readonly [string, ReactNode])[]}) {
  return (
    <dl className={classes.list}>
      {rows
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => (
          <div key={name} className={classes.row}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
