import {useState, type ReactNode} from 'react';

import classes from './live-value.module.css';

// Something that may change under the reader's eyes: it lights up when `value` does.
export function LiveValue({value, children}: {value: string | number; children?: ReactNode}) {
  const [shown, setShown] = useState({value, changes: 0});
  if (shown.value !== value) setShown({value, changes: shown.changes + 1});
  const className = shown.changes > 0 ? `${classes.value} ${classes.changed}` : classes.value;
  // A new key starts the animation anew.
  return (
    <span key={shown.changes} className={className}>
      {children ?? value}
    </span>
  );
}
