// Links to what other pages show, in running text and tables.

import {Anchor} from '@mantine/core';
import {Link} from '@tanstack/react-router';
import type {ReactNode} from 'react';

export function TopicLink({topic, children}: {topic: string; children?: ReactNode}) {
  return (
    <Anchor fz="inherit" renderRoot={(props) => <Link to="/topics/$topic" params={{topic}} {...props} />}>
      {children ?? topic}
    </Anchor>
  );
}

export function EntryLink({topic, id}: {topic: string; id: string}) {
  return (
    <Anchor
      fz="inherit"
      renderRoot={(props) => <Link to="/topics/$topic" params={{topic}} search={{entry: id}} {...props} />}
    >
      <code>{id}</code>
    </Anchor>
  );
}

export function GroupLink({topic, group, children}: {topic: string; group: string; children?: ReactNode}) {
  return (
    <Anchor fz="inherit" renderRoot={(props) => <Link to="/groups/$topic/$group" params={{topic, group}} {...props} />}>
      {children ?? `${topic} → ${group}`}
    </Anchor>
  );
}

export function LettersLink({topic, group, children}: {topic: string; group: string; children: ReactNode}) {
  return (
    <Anchor
      fz="inherit"
      renderRoot={(props) => <Link to="/dead-letters/$topic/$group" params={{topic, group}} {...props} />}
    >
      {children}
    </Anchor>
  );
}

const ID_CHARACTERS = 26; // an ULID in whole, a trace id in part

export function JourneyLink({id, children}: {id: string; children?: ReactNode}) {
  return (
    <Anchor fz="inherit" renderRoot={(props) => <Link to="/journeys/$id" params={{id}} {...props} />}>
      {children ?? <code title={id}>{id.length > ID_CHARACTERS ? `${id.slice(0, ID_CHARACTERS)}…` : id}</code>}
    </Anchor>
  );
}

export function DocumentLink({collection, id, children}: {collection: string; id: string; children?: ReactNode}) {
  return (
    <Anchor
      fz="inherit"
      renderRoot={(props) => <Link to="/documents/$collection/$id" params={{collection, id}} {...props} />}
    >
      {children ?? `${collection}/${id}`}
    </Anchor>
  );
}

export function CollectionLink({collection}: {collection: string}) {
  return (
    <Anchor fz="inherit" renderRoot={(props) => <Link to="/documents/$collection" params={{collection}} {...props} />}>
      {collection}
    </Anchor>
  );
}
