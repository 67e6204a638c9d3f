/// The style sheet. Colours are from the palette of Okabe and Ito, which readers with any colour vision can
/// tell apart (https://jfly.uni-koeln.de/color/), darkened on light and lightened on dark ground for
/// contrast.
enum PageStyle {
  static let sheet: Markup = """
    :root {
      --ground: #f5f5f2; --card: #ffffff; --ink: #1d1d1b; --quiet: #5b5b57; --rule: #e2e2dd; --track: #efefeb;
      --blue: #0072b2; --green: #00805f; --orange: #c24e00; --curve: #6f6f6a;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --ground: #131312; --card: #1c1c1b; --ink: #ededea; --quiet: #a9a9a4;
        --rule: #343432; --track: #2a2a28;
        --blue: #56b4e9; --green: #2fc79b; --orange: #f0a04b; --curve: #9b9b96;
      }
    }
    * { box-sizing: border-box; }
    body {
      margin: 0; background: var(--ground); color: var(--ink); overflow-wrap: anywhere;
      font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif;
      font-variant-numeric: tabular-nums;
    }
    main { max-width: 1360px; margin: 0 auto; padding: 28px 24px 40px; }
    header { max-width: 60rem; margin-bottom: 24px; }
    h1, h2, p { margin: 0; }
    h1 { font-size: 26px; line-height: 1.25; }
    h2 { font-size: 16px; line-height: 1.3; }
    .kind { color: var(--quiet); font-size: 13px; }
    .outcome { margin-top: 12px; font-size: 19px; line-height: 1.45; }
    .remarks { margin-top: 8px; color: var(--quiet); }
    .outcome, .remarks, figcaption p { text-wrap: pretty; }
    .figures, .tables { display: grid; gap: 20px; grid-template-columns: minmax(0, 1fr); }
    .tables { margin-top: 20px; }
    figure, section {
      margin: 0; padding: 18px 20px; background: var(--card);
      border: 1px solid var(--rule); border-radius: 8px;
    }
    figcaption p, .note { color: var(--quiet); font-size: 13px; }
    .note { margin-top: 8px; }
    .axis { margin-top: 14px; color: var(--quiet); font-size: 12px; }
    .axis.below { margin-top: 4px; text-align: right; }
    svg { display: block; overflow: visible; }
    svg text { fill: var(--ink); font-size: 12px; }
    svg.plot { width: calc(100% - 72px); margin: 12px 20px 10px 52px; }
    svg.rows { width: calc(100% - 8px); margin: 12px 4px 0; }
    svg.labelled { margin-bottom: 26px; }
    svg.key { display: inline-block; vertical-align: -4px; }
    .end { text-anchor: end; }
    .middle { text-anchor: middle; }
    svg .tick, svg .figures { fill: var(--quiet); }
    svg .label, svg .name, svg .figures {
      paint-order: stroke; stroke: var(--card); stroke-width: 4px; stroke-linejoin: round;
    }
    svg .strong { font-weight: 600; }
    .grid { stroke: var(--rule); }
    .limit { stroke: var(--ink); stroke-dasharray: 5 4; }
    .leader { stroke: var(--quiet); }
    .stretched * { vector-effect: non-scaling-stroke; }
    polyline { fill: none; stroke-width: 2px; stroke-linejoin: round; }
    polyline.money { stroke: var(--blue); }
    polyline.answered { stroke: var(--green); }
    polyline.frontier { stroke: var(--curve); }
    .area { stroke: none; fill-opacity: 0.12; }
    .area.money, .money.dot { fill: var(--blue); }
    .area.answered, .answered.dot { fill: var(--green); }
    .frontier.dot { fill: var(--curve); }
    .hover { fill: transparent; }
    .hover:hover { fill: var(--ink); fill-opacity: 0.25; }
    .mark { stroke: var(--card); stroke-width: 1.5px; }
    .reached { fill: var(--blue); }
    .plan { fill: var(--card); stroke: var(--green); stroke-width: 3px; }
    .alternative { fill: var(--orange); }
    .track { fill: var(--track); }
    .bar, .median { fill: var(--blue); }
    .range { stroke: var(--blue); stroke-width: 2px; }
    .ring { fill: var(--card); stroke: var(--blue); stroke-width: 2px; }
    .scroll { margin-top: 8px; overflow-x: auto; }
    table { width: 100%; border-collapse: collapse; font-size: 13px; }
    th, td {
      padding: 5px 12px 5px 0; border-bottom: 1px solid var(--rule); text-align: left; vertical-align: top;
    }
    th { color: var(--quiet); font-weight: 500; }
    td { unicode-bidi: isolate; }
    .text { min-width: 8.5em; }
    .long { min-width: 18em; }
    .number { padding: 5px 16px 5px 0; text-align: right; white-space: nowrap; }
    .number:last-child { padding-right: 0; }
    tbody tr:last-child td, tfoot td { border-bottom: 0; }
    tfoot td { border-top: 2px solid var(--rule); font-weight: 600; }
    .narrow { display: none; }
    @media (max-width: 599px) {
      main { padding: 16px 12px 24px; }
      figure, section { padding: 14px; }
      h1 { font-size: 22px; }
      .outcome { font-size: 17px; }
      .narrow { display: inline; }
      .wide { display: none; }
    }
    @media screen and (min-width: 1180px) {
      .figures, .tables { grid-template-columns: repeat(2, minmax(0, 1fr)); }
      .tables section:last-child { grid-column: 1 / -1; }
    }
    @media print {
      :root {
        --ground: #ffffff; --card: #ffffff; --ink: #000000; --quiet: #444444;
        --rule: #cccccc; --track: #eeeeee;
        --blue: #0072b2; --green: #00805f; --orange: #c24e00; --curve: #6f6f6a;
      }
      body { print-color-adjust: exact; -webkit-print-color-adjust: exact; font-size: 11pt; }
      main { max-width: none; padding: 0; }
      figure, tr { break-inside: avoid; }
      h2 { break-after: avoid; }
    }
    """
}
