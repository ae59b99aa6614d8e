"use strict";
// The findings, as columns of numbers over a list of texts, and which of them are wanted in which order.
// scanner/report/_html_data.py writes this shape.

const data = JSON.parse(document.getElementById("data").textContent);
const size = data.lines.length;
const text = (column, index) => data.texts[data.columns[column][index]];

const SEVERITIES = ["critical", "high", "medium", "low", "info"];
const VERDICTS = ["fail", "error", "unknown"];
const EFFECTS = ["introduced", "unclear", "left", "none"];
// What the change does to a finding is only worth asking where some source describes a change.
const changing = data.columns.effect.some((number) => data.texts[number] !== "none");
const FACETS = ["severity", "verdict", ...(changing ? ["effect"] : []), "family", "policy", "team", "provider", "source"];
const SEARCHED = ["message", "policy", "name", "type", "native", "region", "team", "uri", "address", "uid", "fingerprint"];

const ids = new Map(data.columns.id.map((number, index) => [data.texts[number], index]));
const numberOf = new Map(data.texts.map((word, number) => [word, number]));

const wanted = { words: "", facets: {}, sort: "", down: false };
let shown = [];

// One lower-case text for each finding, made at the first search.
let haystacks;
function haystack(index) {
  haystacks ??= Array.from({ length: size }, (_, i) =>
    [...SEARCHED.map((column) => text(column, i)), data.policies[text("policy", i)].title].join("\n").toLowerCase());
  return haystacks[index];
}

function matches(index, facets, words) {
  return facets.every(([column, number]) => column[index] === number) &&
    (!words.length || words.every((word) => haystack(index).includes(word)));
}

function chosenFacets(except) {
  return Object.entries(wanted.facets).filter(([name, value]) => value && name !== except)
    .map(([name, value]) => [data.columns[name], numberOf.get(value) ?? -1]);
}

const searchWords = () => wanted.words.toLowerCase().split(/\s+/).filter(Boolean);

function choose(except) {
  const facets = chosenFacets(except), words = searchWords(), found = [];
  for (let index = 0; index < size; index++) if (matches(index, facets, words)) found.push(index);
  return found;
}

// The values of one facet and how many findings each would leave, with the other filters as they are.
function choices(name) {
  const counts = new Map(data.columns[name].map((number) => [number, 0]));
  for (const index of choose(name)) {
    const number = data.columns[name][index];
    counts.set(number, counts.get(number) + 1);
  }
  const order = { severity: SEVERITIES, verdict: VERDICTS, effect: EFFECTS }[name];
  const rank = (word) => order ? order.indexOf(word) : word.toLowerCase();
  return [...counts].map(([number, count]) => [data.texts[number], count])
    .sort(([one], [other]) => rank(one) < rank(other) ? -1 : 1);
}

// Ranks of all texts, so that a sort compares numbers: `team-2` comes before `team-10`.
let ranks;
function rank(column, index) {
  if (!ranks) {
    const collator = new Intl.Collator("en", { numeric: true });
    const sorted = data.texts.map((_, number) => number).sort((a, b) => collator.compare(data.texts[a], data.texts[b]));
    ranks = new Uint32Array(sorted.length);
    sorted.forEach((number, place) => { ranks[number] = place; });
  }
  return ranks[data.columns[column][index]];
}

const KEYS = {
  severity: (index) => [SEVERITIES.indexOf(text("severity", index))],
  finding: (index) => [rank("policy", index), rank("message", index)],
  resource: (index) => [rank("name", index), rank("native", index)],
  team: (index) => [rank("team", index)],
  place: (index) => [rank("uri", index), data.lines[index]],
  verdict: (index) => [VERDICTS.indexOf(text("verdict", index))],
};

function compare(one, other) {
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return one[i] - other[i];
  return 0;
}

function select() {
  shown = choose();
  if (!wanted.sort) return;
  const keys = new Map(shown.map((index) => [index, KEYS[wanted.sort](index)]));
  const sign = wanted.down ? -1 : 1;
  shown.sort((one, other) => sign * compare(keys.get(one), keys.get(other)) || one - other);
}
