// The frame around every page: navigation, the state of the connection, the palette, the colour scheme.

import {
  ActionIcon,
  Alert,
  AppShell,
  Box,
  Burger,
  Group,
  NavLink,
  Text,
  Tooltip,
  UnstyledButton,
  Kbd,
} from '@mantine/core';
import {useDisclosure} from '@mantine/hooks';
import {IconKeyboard, IconSearch, IconWifiOff} from '@tabler/icons-react';
import {useQuery} from '@tanstack/react-query';
import {Link, Outlet, useRouterState} from '@tanstack/react-router';

import {ColorSchemeToggle} from '../../src/components/color-scheme-toggle';
import {groupsQuery} from '../api/queries';
import {StatusDot, worst} from '../components/health';
import {ConnectionState} from './connection-state';
import {Palette} from './palette';
import {PAGES} from './pages';
import classes from './shell.module.css';
import {ShortcutList} from './shortcut-list';
import {TokenPrompt} from './token-prompt';
import {useLost} from './use-lost';
import {useShortcuts} from './use-shortcuts';

export function Shell() {
  const [menuOpen, menu] = useDisclosure(false);
  const [paletteOpen, palette] = useDisclosure(false);
  const [listOpen, list] = useDisclosure(false);
  const lost = useLost();
  useShortcuts({openPalette: palette.open, openList: list.open});

  return (
    <AppShell
      header={{height: 48}}
      navbar={{width: 184, breakpoint: 'sm', collapsed: {mobile: !menuOpen}}}
      padding={{base: 'sm', sm: 'lg'}}
    >
      <a href="#content" className={classes.skip}>
        Skip to the content
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger
              opened={menuOpen}
              onClick={menu.toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={menuOpen ? 'Close the menu' : 'Open the menu'}
              aria-expanded={menuOpen}
            />
            <Link to="/map" className={classes.home}>
              <img src={`${import.meta.env.BASE_URL}favicon.svg`} width={22} height={22} alt="" />
              <Text fw={600} span>
                Tidemark
              </Text>
            </Link>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <PaletteButton onClick={palette.open} />
            <ConnectionState />
            <Tooltip label="Keyboard shortcuts (?)">
              <ActionIcon size="lg" onClick={list.open} aria-label="Keyboard shortcuts" visibleFrom="sm">
                <IconKeyboard size={18} stroke={1.7} />
              </ActionIcon>
            </Tooltip>
            <ColorSchemeToggle />
          </Group>
        </Group>
      </AppShell.Header>

      <AppShell.Navbar p="xs" aria-label="Main">
        <Navigation onGo={menu.close} />
      </AppShell.Navbar>

      <AppShell.Main id="content" tabIndex={-1} className={classes.main}>
        <Box maw={1600} mx="auto">
          {lost && (
            <Alert
              color="orange"
              icon={<IconWifiOff aria-hidden />}
              mb="md"
              title="The connection to the process is lost"
            >
              What you see may be out of date. It is brought up to date as soon as the process answers again.
            </Alert>
          )}
          <Outlet />
        </Box>
      </AppShell.Main>

      <Palette opened={paletteOpen} onClose={palette.close} />
      <ShortcutList opened={listOpen} onClose={list.close} />
      <TokenPrompt />
    </AppShell>
  );
}

function PaletteButton({onClick}: {onClick: () => void}) {
  return (
    <>
      <UnstyledButton onClick={onClick} className={classes.search} visibleFrom="sm">
        <IconSearch size={14} aria-hidden />
        <span>Search, or go to…</span>
        <Kbd size="xs">Ctrl K</Kbd>
      </UnstyledButton>
      <ActionIcon size="lg" onClick={onClick} aria-label="Search, or go to" hiddenFrom="sm">
        <IconSearch size={18} />
      </ActionIcon>
    </>
  );
}

function Navigation({onGo}: {onGo: () => void}) {
  const path = useRouterState({select: (state) => state.location.pathname});
  const groups = useQuery(groupsQuery).data?.items ?? [];
  const deadLetters = groups.reduce((sum, {dead_letters}) => sum + dead_letters, 0);
  const groupsHealth = worst(groups.map(({health}) => health));
  return PAGES.map(({to, label, icon: Icon}) => (
    <NavLink
      key={to}
      renderRoot={(props) => <Link to={to} {...props} />}
      label={label}
      leftSection={<Icon size={17} stroke={1.6} aria-hidden />}
      rightSection={
        to === '/groups' && groupsHealth !== 'ok' ? (
          <StatusDot health={groupsHealth} />
        ) : to === '/dead-letters' && deadLetters > 0 ? (
          <span className={classes.count}>{deadLetters}</span>
        ) : undefined
      }
      active={path.startsWith(to)}
      aria-current={path.startsWith(to) ? 'page' : undefined}
      onClick={onGo}
      py={6}
    />
  ));
}
