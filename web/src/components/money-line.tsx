import {Group, Text} from '@mantine/core';

import {moneyText} from '../money';

export function MoneyLine({label, amount, strong}: {label: string; amount: number; strong?: boolean}) {
  return (
    <Group justify="space-between" fw={strong ? 600 : undefined}>
      <Text inherit c={strong ? undefined : 'dimmed'}>
        {label}
      </Text>
      <Text inherit>{moneyText(amount)}</Text>
    </Group>
  );
}
