"use strict";
// Asks /api/synthesize and shows what comes back. Everything from the server is put in as text, never as markup.

const byId = (id) => document.getElementById(id);
const CHARACTER = 8.5, LEVEL = 52, BOX = 28, GAP = 14; // pixels of the tree's drawing

function make(tag, text = "", className = "") {
  const element = document.createElement(tag);
  element.textContent = text;
  if (className) element.className = className;
  return element;
}

async function fetchJson(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Error("the server does not answer; is `saps serve` still running?");
  }
  const body = await response.json().catch(() => ({ error: "the server's answer is not JSON" }));
  if (!response.ok || body.error) throw new Error(body.error || `the server answers ${response.status}`);
  return body;
}

function question() {
  const lines = (id) => byId(id).value.split("\n").map((line) => line.trim()).filter(Boolean);
  return {
    text: byId("text").value,
    arguments: byId("arguments").value.trim().split(/[\s,;]+(?=\w+\s*:)/).filter(Boolean),
    examples: lines("examples"),
    input: byId("input").value,
    candidates: Number(byId("candidates").value),
    search: byId("search").checked,
    allow_unknown: byId("allow_unknown").checked,
  };
}

async function ask(event) {
  event.preventDefault();
  const button = byId("ask");
  if (button.disabled) return;
  button.disabled = true;
  button.textContent = "Searching…";
  try {
    const body = JSON.stringify(question());
    const headers = { "Content-Type": "application/json" };
    showAnswer(await fetchJson("/api/synthesize", { method: "POST", headers, body }));
    byId("error").hidden = true;
  } catch (error) {
    byId("error").textContent = error.message;
    byId("error").hidden = false;
    if (error.message.includes("--allow-unknown")) byId("more").open = true; // where its box is
    byId("answer").hidden = true;
    byId("error").scrollIntoView({ behavior: "smooth", block: "nearest" });
  } finally {
    button.disabled = false;
    button.textContent = "Find the program";
  }
}

function showAnswer(answer) {
  const list = byId("candidate-list");
  list.replaceChildren(...answer.candidates.map((candidate, index) => {
    const item = make("li");
    item.append(candidateButton(answer, candidate, index));
    return item;
  }));
  byId("answer").hidden = false;
  showCandidate(answer, answer.chosen);
  byId("answer").scrollIntoView({ behavior: "smooth", block: "nearest" });
}

function candidateButton(answer, candidate, index) {
  const button = make("button");
  button.type = "button";
  const share = make("span", percent(candidate.probability), "share");
  const bar = make("i");
  bar.style.width = `${100 * candidate.probability}%`;
  share.append(bar);
  button.append(share, make("code", candidate.program), mark(candidate));
  button.addEventListener("click", () => showCandidate(answer, index));
  return button;
}

function percent(probability) {
  return probability < 0.001 ? "< 0.1 %" : `${(100 * probability).toFixed(1)} %`;
}

function mark(candidate) {
  const passed = candidate.examples.filter((run) => run.passes).length, count = candidate.examples.length;
  if (!candidate.type) return make("span", "ill-typed", "mark bad");
  if (!count) return make("span", candidate.type, "mark hint");
  return make("span", `${passed} of ${count}`, `mark ${passed === count ? "good" : "bad"}`);
}

function showCandidate(answer, index) {
  const candidate = answer.candidates[index];
  const [words, colour] = verdict(answer, index);
  byId("verdict").textContent = words;
  byId("verdict").className = `verdict ${colour}`;
  byId("program").textContent = candidate.program;
  byId("facts").replaceChildren(...facts(answer, candidate));
  showTree(candidate, Object.keys(answer.arguments));
  byId("runs").hidden = !answer.examples.length;
  byId("run-rows").replaceChildren(...candidate.examples.map((run, number) => runRow(answer.examples[number], run)));
  byId("candidate-list").querySelectorAll("button").forEach((button, number) => {
    button.setAttribute("aria-pressed", String(number === index));
  });
}

function verdict(answer, index) {
  const candidate = answer.candidates[index], count = answer.examples.length;
  const passed = candidate.examples.filter((run) => run.passes).length;
  const place = `candidate ${index + 1} of ${answer.candidates.length}`;
  if (!count) return [index ? `Unchecked: ${place}` : "The most probable program; no example checks it", "wait"];
  if (passed === count) return [`Passes ${count === 1 ? "the example" : `all ${count} examples`}: ${place}`, "good"];
  if (index !== answer.chosen) return [`Passes ${passed} of ${count} examples: ${place}`, "bad"];
  return ["No candidate passes the examples; this is only the most probable one", "bad"];
}

function facts(answer, candidate) {
  const rows = [];
  const row = (name, ...values) => {
    const value = make("dd");
    value.append(...values);
    rows.push(make("dt", name), value);
  };
  if (candidate.result) row("Result", outcome(candidate.result));
  row("Type", candidate.type ? make("code", candidate.type) : make("span", `ill-typed: ${candidate.mistake}`, "bad"));
  const written = Object.entries(answer.arguments).map(([name, type]) => `${name}: ${type}`).join(", ");
  row("Arguments", make("code", written || "none"), make("span", answer.guessed ? "  guessed from the sentence" : "", "hint"));
  row("Probability", make("span", percent(candidate.probability)));
  if (answer.story && answer.story.ended) {
    const counts = Object.entries(answer.story.counts).map(([name, count]) => `${count.toLocaleString("en")} ${name}`);
    row("Search", make("span", `${answer.story.ended}: ${counts.join(", ")}`, "hint"));
  }
  row("Read as", make("span", answer.text, "hint"));
  return rows;
}

function outcome(run) {
  return run.kind === "value" ? make("code", run.shown) : make("span", `${run.kind}: ${run.shown}`, "bad");
}

function runRow(example, run) {
  const row = make("tr");
  const given = make("td");
  given.append(outcome(run));
  row.append(make("td", run.passes ? "✓ passes" : "✗ fails", run.passes ? "good" : "bad"), make("td", example), given);
  return row;
}

// The tree as SVG: leaves from left to right, a parent over the middle of its children.

function layout(node, level, left) {
  const [label, ...children] = Array.isArray(node) ? node : [node];
  const own = label.length * CHARACTER + 18;
  let edge = left;
  const placed = children.map((child) => {
    const box = layout(child, level + 1, edge);
    edge += box.span + GAP;
    return box;
  });
  const below = children.length ? edge - GAP - left : 0;
  const span = Math.max(own, below);
  if (below && below < own) placed.forEach((box) => shift(box, (own - below) / 2));
  const x = placed.length ? (placed[0].x + placed[placed.length - 1].x) / 2 : left + span / 2;
  return { label, level, x, span, width: own, children: placed };
}

function shift(box, distance) {
  box.x += distance;
  box.children.forEach((child) => shift(child, distance));
}

function svg(tag, attributes, parent) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (parent) parent.append(element);
  return element;
}

function extent(box) {
  const parts = box.children.map(extent);
  return {
    left: Math.min(box.x - box.width / 2, ...parts.map((part) => part.left)),
    right: Math.max(box.x + box.width / 2, ...parts.map((part) => part.right)),
    levels: Math.max(box.level, ...parts.map((part) => part.levels)),
  };
}

function showTree(candidate, names) {
  const root = layout(candidate.tree, 0, 0), frame = byId("tree");
  frame.replaceChildren(drawTree(candidate, root, names));
  frame.scrollLeft = root.x - extent(root).left - frame.clientWidth / 2; // a tree too wide begins at its root
}

function drawTree(candidate, root, names) {
  const { left, right, levels } = extent(root);
  const width = right - left + 4, height = levels * LEVEL + BOX + 4;
  const view = `${left - 2} ${-BOX / 2 - 2} ${width} ${height}`;
  const drawing = svg("svg", { width, height, viewBox: view, role: "img", "aria-label": `tree of ${candidate.program}` });
  const lines = svg("g", {}, drawing), boxes = svg("g", {}, drawing);
  const draw = (box) => {
    const y = box.level * LEVEL;
    for (const child of box.children) {
      const end = (box.level + 1) * LEVEL - BOX / 2, start = y + BOX / 2, middle = (start + end) / 2;
      svg("path", { d: `M${box.x} ${start}C${box.x} ${middle} ${child.x} ${middle} ${child.x} ${end}` }, lines);
      draw(child);
    }
    const isArgument = !box.children.length && (names.includes(box.label) || /^arg[12]$/.test(box.label));
    const group = svg("g", { class: box.children.length ? "call" : isArgument ? "argument" : "constant" }, boxes);
    svg("rect", { x: box.x - box.width / 2, y: y - BOX / 2, width: box.width, height: BOX, rx: 7 }, group);
    svg("text", { x: box.x, y }, group).textContent = box.label;
  };
  draw(root);
  return drawing;
}

// The model, its samples, and the keys.

async function showModel() {
  const model = await fetchJson("/api/model");
  const count = (number) => number.toLocaleString("en").replaceAll(",", " ");
  const parts = [
    `${model.system} from ${model.folder}`, `${count(model.parameters)} parameters`,
    `${count(model.words)} words`, `${count(model.labels)} labels`,
  ];
  const match = model.notes.val_exact_match;
  if (typeof match === "number") parts.push(`exact match on validation ${(100 * match).toFixed(1)} %`);
  byId("model").textContent = parts.join(" · ");
  byId("candidates").max = model.bounds.candidates;
  byId("text").maxLength = model.bounds.text;
  for (const sample of model.samples) byId("samples").append(sampleButton(sample));
  byId("samples").hidden = !model.samples.length;
}

function sampleButton(sample) {
  const button = make("button", sample.text);
  button.type = "button";
  button.title = sample.text;
  button.addEventListener("click", () => {
    for (const field of ["text", "examples", "input"]) byId(field).value = sample[field];
    byId("arguments").value = "";
    byId("question").requestSubmit();
  });
  return button;
}

byId("question").addEventListener("submit", ask);
byId("question").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) byId("question").requestSubmit();
});
byId("copy").addEventListener("click", async () => {
  await navigator.clipboard.writeText(byId("program").textContent);
  byId("copy").textContent = "Copied";
  setTimeout(() => { byId("copy").textContent = "Copy"; }, 1500);
});
byId("copy").hidden = !navigator.clipboard; // there is none on a page from another machine without TLS
showModel().catch((error) => { byId("model").textContent = error.message; });
