import {Anchor, Button, EmptyState, Paper, Text} from '@mantine/core';
import {IconReceipt} from '@tabler/icons-react';
import {Link} from '@tanstack/react-router';

import type {Order} from '../../api/types';
import type {Column} from '../../components/data-table';
import {LiveListView} from '../../components/live-list-view';
import {LiveValue} from '../../components/live-value';
import {Moment} from '../../components/moment';
import {OrderStatusBadge} from '../../components/order-status';
import {PageHeader} from '../../components/page-header';
import {ProductName} from '../../components/product-name';
import {ORDERS} from '../../live/lists';
import {moneyText} from '../../money';
import {useLiveList} from '../../queries/lists';

const COLUMNS: Column<Order>[] = [
  {
    header: 'Product',
    cell: ({id, product_id}) => (
      <Anchor inherit renderRoot={(props) => <Link to="/orders/$orderId" params={{orderId: id}} {...props} />}>
        <ProductName id={product_id} />
      </Anchor>
    ),
  },
  {header: 'Placed', width: 170, cell: ({created_at}) => <Moment at={created_at} />},
  {header: 'Quantity', align: 'end', width: 100, cell: ({quantity}) => quantity},
  {header: 'Total', align: 'end', width: 130, cell: ({total}) => moneyText(total)},
  {
    header: 'Status',
    width: 230,
    cell: ({status, reason}) => (
      <div>
        <LiveValue value={status}>
          <OrderStatusBadge status={status} />
        </LiveValue>
        {reason && (
          <Text size="xs" c="dimmed">
            {reason}
          </Text>
        )}
      </div>
    ),
  },
];

export function OrdersPage() {
  const {query, items} = useLiveList(ORDERS);
  return (
    <>
      <PageHeader title="Orders" description="Newest first; each one ends fulfilled or refunded." />
      <LiveListView label="Orders" columns={COLUMNS} query={query} rows={items} empty={<NoOrders />} />
    </>
  );
}

function NoOrders() {
  return (
    <Paper p="xl">
      <EmptyState
        icon={<IconReceipt aria-hidden />}
        withIndicatorBackground
        title="No orders yet"
        description="Buy a product, and its order appears here with everything that happens to it."
      >
        <EmptyState.Actions>
          <Button renderRoot={(props) => <Link to="/products" {...props} />}>Choose a product</Button>
        </EmptyState.Actions>
      </EmptyState>
    </Paper>
  );
}
