// How storefront and console look: calm and dense. Typography and spacing carry the structure, surfaces are grey, figures
// are tabular, fonts are the system's, and colour only carries meaning:
//   tide: what one can act on, and what is going on      teal: done, healthy      orange: needs a look, waits
//   red: failed, or deletes

import {createTheme, rgba, type CSSVariablesResolver, type MantineColorsTuple} from '@mantine/core';

const tide: MantineColorsTuple = [
  '#e9f6f9', '#d3eaf0', '#a8d7e3', '#7ac3d5', '#54b1c9', '#3aa5c0', '#2a9bb8', '#1d87a2', '#17758d', '#0c6378',
];

const gray: MantineColorsTuple = [
  '#f7f9fa', '#eff2f4', '#e3e8eb', '#d5dce1', '#bfc9d0', '#98a5af', '#64717c', '#46525c', '#303a43', '#1c242b',
];

const dark: MantineColorsTuple = [
  '#d5dce2', '#b6c0c9', '#8f9ca8', '#5c6a77', '#36424c', '#2a343d', '#1f272e', '#181f25', '#12181c', '#0c1013',
];

export const theme = createTheme({
  primaryColor: 'tide',
  primaryShade: 8,
  colors: {tide, gray, dark},
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", monospace',
  fontSizes: {xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem'},
  headings: {
    fontWeight: '600',
    sizes: {
      h1: {fontSize: '1.25rem', lineHeight: '1.3'},
      h2: {fontSize: '1rem', lineHeight: '1.4'},
    },
  },
  defaultRadius: 'md',
  radius: {sm: '4px', md: '6px', lg: '8px'},
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: {defaultProps: {size: 'sm'}},
    ActionIcon: {defaultProps: {variant: 'subtle', color: 'gray', size: 'md'}},
    Badge: {defaultProps: {variant: 'light', radius: 'sm'}, styles: {root: {textTransform: 'none', fontWeight: 500}}},
    NavLink: {styles: {root: {borderRadius: 'var(--mantine-radius-md)'}}},
    Modal: {
      defaultProps: {centered: true, overlayProps: {backgroundOpacity: 0.4}, closeButtonProps: {'aria-label': 'Close'}},
      styles: {title: {fontWeight: 600}},
    },
    Notification: {defaultProps: {closeButtonProps: {'aria-label': 'Close'}}},
    Paper: {defaultProps: {withBorder: true}},
    Table: {styles: {th: {color: 'var(--mantine-color-dimmed)', fontWeight: 500}}},
    Tooltip: {defaultProps: {withArrow: true, openDelay: 300}},
  },
});

// How something is, wherever that is told by colour (never by colour alone).
export const HEALTH_COLORS = {ok: 'teal', waiting: 'orange', failing: 'red'} as const;

// In the dark, tinted surfaces (badges, alerts, light buttons) are a breath of their colour.
const TINTED = ['tide', 'teal', 'orange', 'red', 'gray'];

// Mantine's own shades of these are too pale to be read in small letters.
const INK = {orange: '#a83a06', teal: '#06664a', red: '#b42318'};

// The page lies a shade below its surfaces, and dimmed text stays readable (WCAG AA) on both.
export const cssVariables: CSSVariablesResolver = ({colors}) => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': gray[6],
    '--mantine-color-error': INK.red,
    '--shop-backdrop': gray[0],
    '--shop-flash': tide[1],
    ...Object.fromEntries(
      Object.entries(INK).flatMap(([name, ink]) => [
        [`--mantine-color-${name}-text`, ink],
        [`--mantine-color-${name}-light-color`, ink],
      ]),
    ),
  },
  dark: {
    '--mantine-color-dimmed': dark[2],
    '--mantine-color-error': 'var(--mantine-color-red-4)',
    '--shop-backdrop': dark[8],
    '--shop-flash': rgba(tide[6], 0.45),
    ...Object.fromEntries(
      TINTED.flatMap((name) => [
        [`--mantine-color-${name}-light`, rgba(colors[name]?.[5] ?? '', 0.16)],
        [`--mantine-color-${name}-light-hover`, rgba(colors[name]?.[5] ?? '', 0.22)],
        [`--mantine-color-${name}-light-color`, colors[name]?.[3] ?? ''],
      ]),
    ),
  },
});
