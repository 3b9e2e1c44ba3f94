import {CloseButton, Group, TextInput, type TextInputProps} from '@mantine/core';
import {useDebouncedCallback, useHotkeys} from '@mantine/hooks';
import {IconSearch} from '@tabler/icons-react';
import {useEffect, useRef, useState, type ReactNode} from 'react';

// What narrows a list down, in one row above it.
export function FilterBar({children}: {children: ReactNode}) {
  return (
    <Group gap="xs" role="search" align="flex-end">
      {children}
    </Group>
  );
}

interface SearchFieldProps extends Omit<TextInputProps, 'value' | 'onChange' | 'label'> {
  label: string;
  value: string;
  onSearch: (text: string) => void; // a moment after the last letter, or at Enter
  hotkey?: boolean; // "/" leads here
}

const TYPING_MS = 250;

export function SearchField({label, value, onSearch, hotkey, ...props}: SearchFieldProps) {
  const [text, setText] = useState(value);
  const field = useRef<HTMLInputElement>(null);
  const searchSoon = useDebouncedCallback(onSearch, TYPING_MS);
  useEffect(() => setText(value), [value]);
  useHotkeys(hotkey ? [['/', () => field.current?.focus()]] : []);
  const change = (next: string) => {
    setText(next);
    searchSoon(next);
  };
  return (
    <TextInput
      ref={field}
      size="xs"
      aria-label={label}
      placeholder={label}
      leftSection={<IconSearch size={14} aria-hidden />}
      rightSection={
        text ? <CloseButton size="xs" aria-label={`Clear: ${label}`} onClick={() => change('')} /> : undefined
      }
      value={text}
      onChange={(event) => change(event.currentTarget.value)}
      onKeyDown={(event) => event.key === 'Enter' && onSearch(text)}
      {...props}
    />
  );
}
