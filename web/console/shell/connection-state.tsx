import {Badge, Tooltip} from '@mantine/core';
import {useQuery} from '@tanstack/react-query';

import {systemQuery} from '../api/queries';
import {useConnection} from '../live/live-provider';
import type {Connection} from '../live/stream';

const SHOWN: Record<Connection, {label: string; color: string; hint: string}> = {
  connecting: {label: 'Connecting…', color: 'gray', hint: 'Opening the stream of changes'},
  live: {label: 'Live', color: 'teal', hint: 'Changes appear as they happen'},
  lost: {label: 'Reconnecting…', color: 'orange', hint: 'The connection is lost; it is being opened again'},
};

export function ConnectionState() {
  const connection = useConnection();
  const system = useQuery(systemQuery).data;
  const {label, color, hint} = SHOWN[connection];
  return (
    <Tooltip label={system ? `${hint} · Tidemark ${system.version} · ${system.store}` : hint} multiline maw={360}>
      <Badge variant="dot" color={color} role="status" data-connection={connection} tabIndex={0}>
        {label}
      </Badge>
    </Tooltip>
  );
}
