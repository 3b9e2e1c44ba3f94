import {Anchor, Code, CopyButton, DataList, Divider, Group, Paper, SimpleGrid, Skeleton, Stack, Title, UnstyledButton} from '@mantine/core';
import {IconArrowLeft, IconRoute} from '@tabler/icons-react';
import {Link, useParams} from '@tanstack/react-router';

import {Problem} from '../../api/client';
import type {Order} from '../../api/types';
import {ErrorState} from '../../components/error-state';
import {Moment} from '../../components/moment';
import {MoneyLine} from '../../components/money-line';
import {NotFound} from '../../components/not-found';
import {OrderStatusBadge} from '../../components/order-status';
import {PageHeader} from '../../components/page-header';
import {ProductName} from '../../components/product-name';
import {moneyText} from '../../money';
import {useHasConsole} from '../../queries/console';
import {useOrder} from '../../queries/lists';
import {OrderProgress} from './order-progress';

export function OrderPage() {
  const {orderId} = useParams({from: '/orders/$orderId'});
  const {data: order, error, isPending, isFetching, refetch} = useOrder(orderId);

  if (error instanceof Problem && error.status === 404) return <NotFound what="order" />;
  if (isPending) return <OrderSkeleton />;
  if (!order)
    return (
      <ErrorState
        title="The order could not be loaded"
        error={error}
        onRetry={() => void refetch()}
        retrying={isFetching}
      />
    );
  return <OrderView order={order} />;
}

// Without an id, the order is being placed.
export function OrderView({order}: {order: Order}) {
  return (
    <>
      <BackLink />
      <PageHeader title="Order" actions={<OrderStatusBadge status={order.status} />} />
      <SimpleGrid cols={{base: 1, md: 2}} spacing="md">
        <Paper p="lg">
          <Title order={2} mb="md">
            Progress
          </Title>
          <OrderProgress order={order} />
          <JourneyLink id={order.id} />
        </Paper>
        <Paper p="lg">
          <Title order={2} mb="md">
            Details
          </Title>
          <OrderDetails order={order} />
        </Paper>
      </SimpleGrid>
    </>
  );
}

function BackLink() {
  return (
    <Anchor renderRoot={(props) => <Link to="/orders" {...props} />} size="sm" mb="xs" display="inline-block">
      <Group gap={4}>
        <IconArrowLeft size={14} aria-hidden /> Orders
      </Group>
    </Anchor>
  );
}

// To what the services did for the order, where the console can be looked into. Its line is there from the start.
function JourneyLink({id}: {id: string}) {
  const hasConsole = useHasConsole();
  return (
    <Group gap={6} mt="lg" mih={22} c="dimmed">
      {hasConsole && id !== '' && (
        <>
          <IconRoute size={16} stroke={1.7} aria-hidden />
          <Anchor href={`/console/journeys/${encodeURIComponent(id)}`} size="sm">
            Its journey through the services
          </Anchor>
        </>
      )}
    </Group>
  );
}

function OrderDetails({order}: {order: Order}) {
  const {id, product_id, product_name, quantity, price, fee, total, created_at} = order;
  return (
    <Stack gap="md">
      <DataList labelWidth="90px" gap="xs" size="md">
        <DataList.Item>
          <DataList.ItemLabel>Product</DataList.ItemLabel>
          <DataList.ItemValue>
            {product_name ?? <ProductName id={product_id} />}
          </DataList.ItemValue>
        </DataList.Item>
        <DataList.Item>
          <DataList.ItemLabel>Placed</DataList.ItemLabel>
          <DataList.ItemValue>
            <Moment at={created_at} />
          </DataList.ItemValue>
        </DataList.Item>
        <DataList.Item>
          <DataList.ItemLabel>Order id</DataList.ItemLabel>
          <DataList.ItemValue>
            {id === '' ? 'on its way…' : <CopyableId id={id} />}
          </DataList.ItemValue>
        </DataList.Item>
      </DataList>
      <Divider />
      <Stack gap={4}>
        <MoneyLine label={`${quantity} × ${moneyText(price)}`} amount={Math.round((total - fee) * 100) / 100} />
        <MoneyLine label="Fee, 20 %" amount={fee} />
        <MoneyLine label="Total" amount={total} strong />
      </Stack>
    </Stack>
  );
}

function CopyableId({id}: {id: string}) {
  return (
    <CopyButton value={id}>
      {({copied, copy}) => (
        <UnstyledButton onClick={copy} aria-label={`Copy the order id ${id}`} title="Copy">
          <Code>{copied ? 'Copied' : id}</Code>
        </UnstyledButton>
      )}
    </CopyButton>
  );
}

function OrderSkeleton() {
  return (
    <div aria-busy="true">
      <BackLink />
      <PageHeader title="Order" actions={<Skeleton height={20} width={90} />} />
      <SimpleGrid cols={{base: 1, md: 2}} spacing="md">
        <Skeleton height={332} />
        <Skeleton height={332} />
      </SimpleGrid>
    </div>
  );
}
