"""Bar charts as SVG, for light and dark pages: no background, colours by prefers-color-scheme."""
import html

WIDTH, LABELS, FIGURES = 760, 300, 90
BAR, GAP, GROUP_GAP, HEAD = 18, 4, 14, 44

STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #3b4252; }
  .title { font-size: 15px; font-weight: 600; }
  .unit, .group { fill: #6b7280; }
  .axis { stroke: #d1d5db; }
  .ours { fill: #0f766e; } .other { fill: #b6bfcc; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e5e7eb; }
    .unit, .group { fill: #9ca3af; }
    .axis { stroke: #4b5563; }
    .ours { fill: #2dd4bf; } .other { fill: #64748b; }
  }
"""


def shown(value):
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def bars(title, unit, groups):
    """`groups`: pairs of a heading (or "") and rows (label, value, whether it is ours). One scale for all."""
    longest = max(value for _, rows in groups for _, value, _ in rows) or 1
    scale = (WIDTH - LABELS - FIGURES) / longest
    out, y = [], HEAD
    for heading, rows in groups:
        if heading:
            out.append(f'<text class="group" x="0" y="{y + 13}">{html.escape(heading)}</text>')
            y += BAR + GAP
        for label, value, ours in rows:
            length = max(value * scale, 1)
            out.append(f'<text x="{LABELS - 10}" y="{y + 13}" text-anchor="end">{html.escape(label)}</text>')
            out.append(f'<rect class="{"ours" if ours else "other"}" x="{LABELS}" y="{y}" width="{length:.1f}" height="{BAR}" rx="2"/>')
            out.append(f'<text x="{LABELS + length + 6:.1f}" y="{y + 13}">{shown(value)}</text>')
            y += BAR + GAP
        y += GROUP_GAP
    y -= GROUP_GAP
    out.append(f'<line class="axis" x1="{LABELS}" y1="{HEAD - 6}" x2="{LABELS}" y2="{y}"/>')
    head = (f'<text class="title" x="0" y="18">{html.escape(title)}</text>'
            f'<text class="unit" x="{WIDTH}" y="18" text-anchor="end">{html.escape(unit)}</text>')
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + 6}" width="{WIDTH}" height="{y + 6}" role="img" '
            f'aria-label="{html.escape(title)}">\n<style>{STYLE}</style>\n{head}\n' + "\n".join(out) + "\n</svg>\n")
