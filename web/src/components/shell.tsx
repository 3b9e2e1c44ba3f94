// The frame around every page: navigation, the state of the connection, the colour scheme.

import {Affix, Alert, Anchor, AppShell, Box, Burger, Group, NavLink, Text} from '@mantine/core';
import {useDisclosure} from '@mantine/hooks';
import {IconApi, IconPackage, IconReceipt, IconUsers, IconWifiOff} from '@tabler/icons-react';
import {Link, Outlet, useRouterState} from '@tanstack/react-router';

import {ColorSchemeToggle} from './color-scheme-toggle';
import {ConnectionBadge} from './connection-badge';
import {ConsoleLink} from './console-link';
import {Logo} from './logo';
import {useLostFor} from './use-lost-for';

const PAGES = [
  {to: '/products', label: 'Products', icon: IconPackage},
  {to: '/orders', label: 'Orders', icon: IconReceipt},
  {to: '/users', label: 'Users', icon: IconUsers},
] as const;

const LOST_BANNER_AFTER_MS = 2_000;

export function Shell() {
  const [open, menu] = useDisclosure(false);
  const path = useRouterState({select: (state) => state.location.pathname});
  const lost = useLostFor(LOST_BANNER_AFTER_MS);

  return (
    <AppShell
      header={{height: 52}}
      navbar={{width: 200, breakpoint: 'sm', collapsed: {mobile: !open}}}
      padding={{base: 'sm', sm: 'lg'}}
    >
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger
              opened={open}
              onClick={menu.toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={open ? 'Close the menu' : 'Open the menu'}
              aria-expanded={open}
            />
            <Anchor renderRoot={(props) => <Link to="/products" {...props} />} underline="never" c="inherit">
              <Group gap={8} wrap="nowrap">
                <Logo />
                <Text fw={600} size="lg" truncate>
                  Tidemark shop
                </Text>
              </Group>
            </Anchor>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <ConnectionBadge />
            <ColorSchemeToggle />
          </Group>
        </Group>
      </AppShell.Header>

      <AppShell.Navbar p="xs" aria-label="Main">
        <AppShell.Section grow>
          {PAGES.map(({to, label, icon: Icon}) => (
            <NavLink
              key={to}
              renderRoot={(props) => <Link to={to} {...props} />}
              label={label}
              leftSection={<Icon size={18} stroke={1.7} aria-hidden />}
              active={path.startsWith(to)}
              aria-current={path.startsWith(to) ? 'page' : undefined}
              onClick={menu.close}
            />
          ))}
        </AppShell.Section>
        <AppShell.Section>
          <ConsoleLink />
          <NavLink
            href="/docs"
            label="API documentation"
            leftSection={<IconApi size={18} stroke={1.7} aria-hidden />}
            c="dimmed"
          />
        </AppShell.Section>
      </AppShell.Navbar>

      <AppShell.Main>
        <Box maw={1100} mx="auto">
          <Outlet />
        </Box>
      </AppShell.Main>
      {lost && <LostBanner />}
    </AppShell>
  );
}

// Over the page, not in it: what one reads does not move.
function LostBanner() {
  return (
    <Affix position={{bottom: 16, left: 16, right: 16}} style={{pointerEvents: 'none'}}>
      <Alert
        variant="filled"
        color="dark"
        maw={640}
        mx="auto"
        icon={<IconWifiOff aria-hidden />}
        title="The connection to the shop is lost"
        role="status"
      >
        What you see may be out of date. It is brought up to date as soon as the shop answers again.
      </Alert>
    </Affix>
  );
}
