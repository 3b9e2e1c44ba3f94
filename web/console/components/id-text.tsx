import {ActionIcon, CopyButton, Tooltip} from '@mantine/core';
import {IconCheck, IconCopy} from '@tabler/icons-react';

// An id: to be read in part, copied in whole.
export function IdText({id, label = 'id'}: {id: string; label?: string}) {
  return (
    <span style={{display: 'inline-flex', alignItems: 'center', gap: 2, maxWidth: '100%'}}>
      <code style={{overflow: 'hidden', textOverflow: 'ellipsis'}} title={id}>
        {id}
      </code>
      <CopyButton value={id}>
        {({copied, copy}) => (
          <Tooltip label={copied ? 'Copied' : `Copy the ${label}`}>
            <ActionIcon size="xs" onClick={copy} aria-label={`Copy the ${label}`}>
              {copied ? <IconCheck size={12} /> : <IconCopy size={12} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </span>
  );
}
