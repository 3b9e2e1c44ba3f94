import {Anchor, Button, EmptyState, Group, Paper, Text} from '@mantine/core';
import {IconReceipt} from '@tabler/icons-react';
import {Link, useNavigate, useSearch} from '@tanstack/react-router';

import type {Order} from '../../api/types';
import type {Column} from '../../components/data-table';
import {Choice, ListTools, countText} from '../../components/list-tools';
import {LiveListView} from '../../components/live-list-view';
import {LiveValue} from '../../components/live-value';
import {Moment} from '../../components/moment';
import {NoMatch} from '../../components/no-match';
import {OrderStatusBadge} from '../../components/order-status';
import {PageHeader} from '../../components/page-header';
import {ProductName} from '../../components/product-name';
import {SearchField} from '../../components/search-field';
import {ORDERS} from '../../live/lists';
import {moneyText} from '../../money';
import {useLiveList} from '../../queries/lists';
import {ORDER_ORDERS, ORDER_STATUSES, type OrdersSearch} from '../search-parameters';

const COLUMNS: Column<Order>[] = [
  {
    header: 'Product',
    cell: ({id, product_id, product_name}) => (
      <Anchor inherit renderRoot={(props) => <Link to="/orders/$orderId" params={{orderId: id}} {...props} />}>
        {product_name ?? <ProductName id={product_id} />}
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
      <Group gap="xs" wrap="nowrap">
        <LiveValue value={status}>
          <OrderStatusBadge status={status} />
        </LiveValue>
        {reason && (
          <Text size="xs" c="dimmed" truncate title={reason}>
            {reason}
          </Text>
        )}
      </Group>
    ),
  },
];

export function OrdersPage() {
  const {sort = 'newest', status, search} = useSearch({from: '/orders'});
  const navigate = useNavigate({from: '/orders'});
  const {query, items} = useLiveList(ORDERS, {sort, status, search});
  const look = (change: OrdersSearch) =>
    void navigate({search: (before) => ({...before, ...change}), replace: true});
  return (
    <>
      <PageHeader title="Orders" description="Each one ends fulfilled or refunded." />
      <ListTools count={query.data && countText(items.length, query.hasNextPage, 'order', 'orders')}>
        <SearchField
          label="Search by product or order id"
          value={search ?? ''}
          onSearch={(text) => look({search: text || undefined})}
        />
        <Choice
          label="Status of the orders"
          value={status ?? 'all'}
          choices={ORDER_STATUSES}
          onChange={(choice) => look({status: choice === 'all' ? undefined : choice})}
        />
        <Choice
          label="Order of the orders"
          value={sort}
          choices={ORDER_ORDERS}
          onChange={(order) => look({sort: order === 'newest' ? undefined : order})}
        />
      </ListTools>
      <LiveListView
        label="Orders"
        columns={COLUMNS}
        query={query}
        rows={items}
        empty={
          search || status ? (
            <NoMatch
              title="No order matches"
              description={
                query.hasNextPage ? 'None so far: “Show more” searches on.' : 'Try another word, or another status.'
              }
              onClear={() => look({search: undefined, status: undefined})}
            />
          ) : (
            <NoOrders />
          )
        }
      />
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
