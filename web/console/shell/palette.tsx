import {Modal, Text, TextInput} from '@mantine/core';
import {useQuery} from '@tanstack/react-query';
import {useRouter} from '@tanstack/react-router';
import {useId, useState, type KeyboardEvent} from 'react';

import {groupsQuery, topicsQuery} from '../api/queries';
import {paletteItems, type PaletteItem} from './palette-items';
import classes from './shell.module.css';

export function Palette({opened, onClose}: {opened: boolean; onClose: () => void}) {
  return (
    <Modal.Root opened={opened} onClose={onClose} yOffset="10vh" size="lg">
      <Modal.Overlay backgroundOpacity={0.4} />
      <Modal.Content aria-label="Search, or go to">
        <Modal.Body>{opened && <Search onClose={onClose} />}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

function Search({onClose}: {onClose: () => void}) {
  const router = useRouter();
  const id = useId();
  const [text, setText] = useState('');
  const [current, setCurrent] = useState(0);
  const topics = useQuery(topicsQuery).data?.items ?? [];
  const groups = useQuery(groupsQuery).data?.items ?? [];
  const items = paletteItems(text, {topics, groups});
  const at = Math.min(current, items.length - 1);

  const go = (item: PaletteItem) => {
    onClose();
    router.history.push(`${import.meta.env.BASE_URL.replace(/\/$/, '')}${item.path}`);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const item = items[at];
    if (step) setCurrent((at + step + items.length) % Math.max(items.length, 1));
    else if (event.key === 'Enter' && item) go(item);
    else return;
    event.preventDefault();
  };

  return (
    <>
      <TextInput
        data-autofocus
        role="combobox"
        aria-label="Search, or go to"
        aria-expanded
        aria-controls={`${id}-options`}
        aria-activedescendant={at >= 0 ? `${id}-${at}` : undefined}
        placeholder="A page, a topic, a group, an order id, a trace id…"
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setCurrent(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div role="listbox" id={`${id}-options`} aria-label="Found" className={classes.options}>
        {items.map((item, index) => (
          <div
            key={item.id}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === at}
            className={classes.option}
            onClick={() => go(item)}
            onMouseMove={() => setCurrent(index)}
            ref={index === at ? (element) => element?.scrollIntoView({block: 'nearest'}) : undefined}
          >
            <Text span size="sm" truncate>
              {item.label}
            </Text>
            <Text span size="xs" c="dimmed" ml="auto" truncate>
              {item.about}
            </Text>
          </div>
        ))}
      </div>
      {items.length === 0 && (
        <Text size="sm" c="dimmed" p="sm">
          Nothing is called that. An order id or a trace id opens its journey.
        </Text>
      )}
    </>
  );
}
