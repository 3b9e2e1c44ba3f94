import {Group, Text, Timeline} from '@mantine/core';
import {IconArrowBackUp, IconCheck, IconCreditCard, IconPackage, IconReceipt} from '@tabler/icons-react';
import type {ReactNode} from 'react';

import type {Order} from '../../api/types';
import {Moment} from '../../components/moment';
import {moneyText} from '../../money';

// The way of an order: placed, charged, and then fulfilled or refunded.
export function OrderProgress({order}: {order: Order}) {
  const {status, total, reason, created_at, charged_at, ended_at} = order;
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
      <Timeline.Item bullet={<IconReceipt size={15} />} title={<Step name="Placed" at={created_at} />}>
        <Note>{order.id === '' ? 'On its way to the shop.' : 'The order is in the books.'}</Note>
      </Timeline.Item>
      <Timeline.Item
        bullet={<IconCreditCard size={15} />}
        title={<Step name={charged ? 'Charged' : 'To be charged'} at={charged_at} />}
        lineVariant={ended ? 'solid' : 'dashed'}
      >
        <Note>{charged ? `${moneyText(total)} was charged.` : 'Waiting for the payment.'}</Note>
      </Timeline.Item>
      {refunded ? (
        <Timeline.Item
          bullet={<IconArrowBackUp size={15} />}
          title={<Step name="Refunded" at={ended_at} />}
          color="orange"
        >
          <Note>
            {moneyText(total)} was given back: {reason || 'no reason was given'}.
          </Note>
        </Timeline.Item>
      ) : (
        <Timeline.Item
          bullet={ended ? <IconCheck size={15} /> : <IconPackage size={15} />}
          title={<Step name={ended ? 'Fulfilled' : 'To be fulfilled'} at={ended_at} />}
        >
          <Note>{ended ? 'Taken from stock.' : 'Waiting for the stock.'}</Note>
        </Timeline.Item>
      )}
    </Timeline>
  );
}

function Step({name, at}: {name: string; at?: string | null}) {
  return (
    <Group justify="space-between" gap="xs" component="span">
      <span>{name}</span>
      {at && (
        <Text span size="sm" c="dimmed" fw={400}>
          <Moment at={at} />
        </Text>
      )}
    </Group>
  );
}

function Note({children}: {children: ReactNode}) {
  return (
    <Text size="sm" c="dimmed">
      {children}
    </Text>
  );
}
