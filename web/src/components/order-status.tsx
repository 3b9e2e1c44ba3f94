import {Badge} from '@mantine/core';
import {IconArrowBackUp, IconCheck, IconClock, IconCreditCard} from '@tabler/icons-react';

import type {OrderStatus} from '../api/types';

const SHOWN = {
  pending: {label: 'Pending', color: 'gray', icon: IconClock},
  completed: {label: 'Completed', color: 'tide', icon: IconCreditCard},
  fulfilled: {label: 'Fulfilled', color: 'teal', icon: IconCheck},
  refunded: {label: 'Refunded', color: 'orange', icon: IconArrowBackUp},
} as const satisfies Record<OrderStatus, unknown>;

export function OrderStatusBadge({status}: {status: OrderStatus}) {
  const {label, color, icon: Icon} = SHOWN[status];
  return (
    <Badge color={color} leftSection={<Icon size={12} stroke={2.2} aria-hidden />} data-status={status}>
      {label}
    </Badge>
  );
}
