// What stands above a list: search, choices, how many there are.

import {Group, NativeSelect, Text} from '@mantine/core';
import type {ReactNode} from 'react';

export function ListTools({children, count}: {children: ReactNode; count: ReactNode}) {
  return (
    <Group gap="xs" mb="sm">
      {children}
      <Text size="sm" c="dimmed" ml={{base: 0, sm: 'auto'}} mih={20} role="status">
        {count}
      </Text>
    </Group>
  );
}

interface ChoiceProps<V extends string> {
  label: string;
  value: V;
  choices: Record<V, string>;
  onChange: (value: V) => void;
}

export function Choice<V extends string>({label, value, choices, onChange}: ChoiceProps<V>) {
  return (
    <NativeSelect
      aria-label={label}
      data={Object.entries<string>(choices).map(([choice, text]) => ({value: choice, label: text}))}
      value={value}
      onChange={({currentTarget}) => onChange(currentTarget.value as V)}
    />
  );
}

export function countText(rows: number, hasMore: boolean, one: string, many: string): string {
  return `${new Intl.NumberFormat('en').format(rows)}${hasMore ? '+' : ''} ${rows === 1 && !hasMore ? one : many}`;
}
