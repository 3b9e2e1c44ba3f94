import {Badge, Tooltip} from '@mantine/core';

import type {Connection} from '../live/event-stream';
import {useConnection} from '../live/live-provider';

const SHOWN: Record<Connection, {label: string; color: string; hint: string}> = {
  connecting: {label: 'Connecting…', color: 'gray', hint: 'Opening the stream of events'},
  live: {label: 'Live', color: 'teal', hint: 'Changes appear as they happen'},
  lost: {label: 'Reconnecting…', color: 'orange', hint: 'The connection is lost; it is being opened again'},
};

export function ConnectionBadge() {
  const connection = useConnection();
  const {label, color, hint} = SHOWN[connection];
  return (
    <Tooltip label={hint}>
      <Badge variant="dot" color={color} flex="none" role="status" data-connection={connection} tabIndex={0}>
        {label}
      </Badge>
    </Tooltip>
  );
}
