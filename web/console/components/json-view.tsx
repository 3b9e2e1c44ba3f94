import {ActionIcon, CopyButton, Tooltip} from '@mantine/core';
import {IconCheck, IconCopy} from '@tabler/icons-react';

import classes from './json-view.module.css';

interface JsonViewProps {
  value: unknown;
  label: string; // what it is, for who can't see it: "Event"
}

export function JsonView({value, label}: JsonViewProps) {
  const text = typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? 'nothing');
  return (
    <div className={classes.frame}>
      <pre className={classes.text} tabIndex={0} role="region" aria-label={label}>
        {text}
      </pre>
      <CopyButton value={text}>
        {({copied, copy}) => (
          <Tooltip label={copied ? 'Copied' : 'Copy'}>
            <ActionIcon className={classes.copy} size="sm" onClick={copy} aria-label={`Copy: ${label}`}>
              {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </div>
  );
}
