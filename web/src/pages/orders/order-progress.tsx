import {Text, Timeline} from '@mantine/core';
import {IconArrowBackUp, IconCheck, IconCreditCard, IconPackage, IconReceipt} from '@tabler/icons-react';

import type {Order} from '../../api/types';
import {moneyText} from '../../money';

// The way of an order: placed, charged, and then fulfilled or refunded.
export function OrderProgress({order}: {order: Order}) {
  const {status, total, reason} = order;
  const refunded = status === 'refunded';
  const charged = status !== 'pending';
  const ended = status === 'fulfilled' || refunded;
  return (
    <Timeline
      active={ended ? 2 : charged ? 1 : 0}
      bulletSize={28}
      lineWidth={2}
      color={ended ? 'teal' : 'tide'}
      aria-label="Progress of the order"
      aria-live="polite"
    >
      <Timeline.Item bullet={<IconReceipt size={15} />} title="Placed">
        <Note>The order is in the books.</Note>
      </Timeline.Item>
      <Timeline.Item
        bullet={<IconCreditCard size={15} />}
        title={charged ? 'Charged' : 'To be charged'}
        lineVariant={ended ? 'solid' : 'dashed'}
      >
        <Note>{charged ? `${moneyText(total)} was charged.` : 'Waiting for the payment.'}</Note>
      </Timeline.Item>
      {refunded ? (
        <Timeline.Item bullet={<IconArrowBackUp size={15} />} title="Refunded" color="orange">
          <Note>
            {moneyText(total)} was given back: {reason || 'no reason was given'}.
          </Note>
        </Timeline.Item>
      ) : (
        <Timeline.Item
          bullet={ended ? <IconCheck size={15} /> : <IconPackage size={15} />}
          title={ended ? 'Fulfilled' : 'To be fulfilled'}
        >
          <Note>{ended ? 'Taken from stock.' : 'Waiting for the stock.'}</Note>
        </Timeline.Item>
      )}
    </Timeline>
  );
}

function Note({children}: {children: React.ReactNode}) {
  return (
    <Text size="sm" c="dimmed">
      {children}
    </Text>
  );
}
