import {Text} from '@mantine/core';

import {LiveValue} from './live-value';

const LOW_STOCK = 5;
const count = new Intl.NumberFormat('en');

// What is left of a product; in colour, and in words, when that is little or nothing.
export function Stock({quantity}: {quantity: number}) {
  const note = quantity <= 0 ? 'sold out' : quantity <= LOW_STOCK ? 'low' : undefined;
  return (
    <Text span inherit c={quantity <= 0 ? 'red' : note ? 'orange' : undefined}>
      {note && (
        <Text span size="xs" mr={6}>
          {note}
        </Text>
      )}
      <LiveValue value={quantity}>{count.format(quantity)}</LiveValue>
    </Text>
  );
}
