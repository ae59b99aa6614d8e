// Filters, the address bar, and paper.

const PRINTED = 1000; // some 120 sheets
const ALL = { severity: "All severities", verdict: "All verdicts", effect: "All effects", family: "All families", policy: "All policies", team: "All teams", provider: "All providers", source: "All sources" };

function drawFacets() {
  for (const name of FACETS) {
    const chosen = wanted.facets[name] ?? "", menu = $(`facet-${name}`);
    const options = choices(name).filter(([word, count]) => count || word === chosen);
    menu.replaceChildren(make("option", { value: "" }, ALL[name]),
      ...options.map(([word, count]) => make("option", { value: word }, `${word.replaceAll("_", " ")} (${plain(count)})`)));
    menu.value = chosen;
    menu.classList.toggle("set", Boolean(chosen));
  }
}

function refresh() {
  select();
  active = 0;
  drawFacets();
  drawHeader();
  const filtered = filters();
  $("search").value !== wanted.words && ($("search").value = wanted.words);
  $("sorting").value = wanted.sort;
  $("count").textContent = shown.length === size ? counted(size, "finding") : `${plain(shown.length)} of ${counted(size, "finding")}`;
  $("reset").hidden = !filtered;
  $("none").hidden = shown.length > 0 || !size;
  list.hidden = !shown.length;
  list.setAttribute("aria-rowcount", shown.length + 1);
  drawRows(true);
}

// The filters as they stand in the address: `#severity=high&team=research`.
function filters() {
  const query = new URLSearchParams(Object.entries(wanted.facets).filter(([, value]) => value));
  if (wanted.words) query.set("search", wanted.words);
  return String(query);
}

function showFilters() {
  history.replaceState(null, "", `#${filters() || "findings"}`);
}

function change(facets, words) {
  const top = $("filters").getBoundingClientRect().top <= 0;
  Object.assign(wanted, { facets, words });
  refresh();
  showFilters();
  if (top) scrollTo(0, $("filters").parentElement.getBoundingClientRect().top + scrollY);
}

const clear = () => { change({}, ""); $("search").focus({ preventScroll: true }); };

// Opens a finding and puts it in the address. Stepping through findings leaves one entry in the history.
function visit(index, focus) {
  const address = `#finding-${text("id", index)}`;
  if (opened >= 0) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  openPanel(index, focus);
  activate(shown.indexOf(index));
}

function follow() {
  const hash = location.hash.slice(1);
  if (hash.startsWith("finding-")) return followFinding(ids.get(decodeURIComponent(hash.slice(8))));
  closePanel();
  if (!hash.includes("=")) return undefined;
  const query = new URLSearchParams(hash);
  Object.assign(wanted, { facets: Object.fromEntries(FACETS.map((name) => [name, query.get(name) ?? ""])), words: query.get("search") ?? "" });
  refresh();
  history.replaceState(null, "", `#${hash}`);
  $("findings").scrollIntoView();
  $("findings-title").focus({ preventScroll: true });
  return undefined;
}

function followFinding(index) {
  if (index === undefined) return;
  if (!shown.includes(index)) {
    Object.assign(wanted, { facets: {}, words: "" });
    refresh();
  }
  openPanel(index, true);
  activate(shown.indexOf(index));
}

// Paper cannot unfold anything.
const folded = [];
function unfold() {
  folded.push(...document.querySelectorAll("details:not([open])"));
  folded.forEach((details) => { details.open = true; });
}

function fold() {
  folded.splice(0).forEach((details) => { details.open = false; });
}

function printTable() {
  const some = shown.slice(0, PRINTED), filtered = filters();
  const cells = (index) => [text("severity", index), text("verdict", index), [make("b", null, title(index)), text("message", index)], text("name", index), text("team", index), where(index)];
  const said = some.length < shown.length ? `The first ${plain(PRINTED)} of ${counted(shown.length, "finding")} are printed; filter the page or use the JSON report for the others.` : `${counted(shown.length, "finding")}.`;
  $("printed").replaceChildren(
    make("p", "note", said, filtered ? ` Filtered by ${decodeURIComponent(filtered.replaceAll("&", ", ").replaceAll("+", " "))}; ${plain(size - shown.length)} more are not shown.` : ""),
    make("table", null,
      make("thead", null, make("tr", null, ...["Severity", "Verdict", "Finding", "Resource", "Team", "Where"].map((word, i) => make("th", { scope: "col", className: ["w1", "w1", "w3", "w2", "w1", "w2"][i] }, word)))),
      make("tbody", null, ...some.map((index) => make("tr", null, ...cells(index).map((content) => make("td", null, ...[content].flat())))))));
}

function wire() {
  $("facets").append(...FACETS.map((name) => make("label", null, name[0].toUpperCase() + name.slice(1),
    make("select", { id: `facet-${name}`, onchange: ({ target }) => change({ ...wanted.facets, [name]: target.value }, wanted.words) }))),
  make("label", "sorting", "Order", make("select", { id: "sorting", onchange: ({ target }) => { Object.assign(wanted, { sort: target.value, down: false }); refresh(); } },
    make("option", { value: "" }, "Worst first"), ...COLUMNS.map(([name, label]) => make("option", { value: name }, label)))));
  let waiting;
  $("search").addEventListener("input", ({ target }) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => change(wanted.facets, target.value), 100);
  });
  $("filters").addEventListener("submit", (event) => { event.preventDefault(); list.focus(); });
  $("filters").addEventListener("reset", (event) => { event.preventDefault(); clear(); });
  $("reset-none").addEventListener("click", clear);
  $("more-filters").addEventListener("click", ({ currentTarget }) => {
    currentTarget.setAttribute("aria-expanded", $("facets").classList.toggle("shown"));
  });
  document.addEventListener("keydown", onKey);
  addEventListener("hashchange", follow);
  addEventListener("scroll", () => requestAnimationFrame(() => drawRows(false)), { passive: true });
  addEventListener("resize", () => { measured = 0; drawRows(true); });
  new ResizeObserver(() => document.documentElement.style.setProperty("--toolbar", `${$("filters").offsetHeight}px`)).observe($("filters"));
}

function onKey(event) {
  const typing = event.target.matches("input, select, textarea");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    closePanel();
    $("search").focus();
    $("search").select();
  } else if ("jk".includes(event.key) && !typing && panel.contains(event.target)) STEPS[event.key]();
  else if (event.key === "Escape" && panel.open) closePanel();
  else if (event.key === "ArrowDown" && event.target === $("search")) { event.preventDefault(); list.focus(); }
}

addEventListener("beforeprint", unfold);
addEventListener("afterprint", fold);
if (size) {
  addEventListener("beforeprint", printTable);
  $("browse").hidden = false;
  wire();
  refresh();
  follow();
}
